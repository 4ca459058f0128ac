import { createHmac } from 'node:crypto'
import {
  encodeBase64url,
  exportJwk,
  generateKey,
  publicKeyOf,
  signJws,
  signJwt,
  verifyJws,
  type EpochSeconds,
  type Key,
  type KeySet,
} from '@countersign/jwt'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ClientRecord } from '../store/port/records.ts'
import { createAssertionCheck } from './assertion.ts'
import { createStandInKeys } from './stand-in-keys.ts'
import { asymmetricAlgs } from '../keys/material.ts'

const now = 1_800_000_000 as EpochSeconds
const us = 'https://as.test'
const key = generateKey('ES256', { kid: 'c1' })
const stranger = generateKey('ES256', { kid: 'c1' })

const client: ClientRecord = {
  id: 'robot',
  internalId: 'internal-of-robot',
  version: 1,
  enabled: true,
  authentication: 'private_key_jwt',
  secrets: [],
  jwks: JSON.stringify({ keys: [exportJwk(publicKeyOf(key))] }),
  grantTypes: [],
  access: [],
  dpopRequired: false,
  roles: [],
  claims: {},
  createdAt: now,
}
const otherKid = JSON.stringify({
  keys: [exportJwk(publicKeyOf(generateKey('ES256', { kid: 'c2' })))],
})
const good = { iss: 'robot', sub: 'robot', aud: us, jti: 'a1', iat: now, exp: now + 60 }

async function checkNow(assertion: string, over: Partial<ClientRecord> = {}, clientId?: string) {
  const check = createAssertionCheck({ issuer: us, now: () => now })
  const find = (id: string) => (id === 'robot' ? { ...client, ...over } : undefined)
  const clients = { remembered: find, read: async (id: string) => find(id) }
  return await check({ assertion, clientId }, clients)
}

async function outcomeOf(...asked: Parameters<typeof checkNow>): Promise<string> {
  const found = await checkNow(...asked)
  if (found.ok) return `spend ${found.value.spend.map(({ id }) => id).join()}`
  const { refusal } = found.refusal
  return 'detail' in refusal ? (refusal.detail.split(' (')[0] ?? '') : refusal.reason
}

const sign = (over: object, signer: Key = key, typ = 'JWT') =>
  signJwt({ ...good, ...over }, signer, { typ })

describe('private_key_jwt', () => {
  it('lets a client in by its key and names what must be spent', async () => {
    expect(await outcomeOf(sign({}))).toBe('spend a1')
    expect(await outcomeOf(sign({}), {}, 'robot')).toBe('spend a1')
    expect(await outcomeOf(sign({ aud: [us] }))).toBe('spend a1')
    expect(await outcomeOf(sign({}, key, 'client-authentication+jwt'))).toBe('spend a1')
  })

  const names = ['EdDSA', 'Ed25519'] as const
  it.each(names.flatMap((alg) => [undefined, ...names].map((own) => [alg, own] as const)))(
    'takes an assertion with header %s of an Ed25519 key that says %s',
    async (alg, own) => {
      const pair = generateKey(alg, { kid: 'e1' })
      const { alg: _, ...jwk } = exportJwk(publicKeyOf(pair))
      const jwks = JSON.stringify({ keys: [own === undefined ? jwk : { ...jwk, alg: own }] })
      expect(await outcomeOf(sign({}, pair), { jwks })).toBe('spend a1')
    },
  )

  it('takes a key that its client publishes for encryption too', async () => {
    const { use: _, ...jwk } = exportJwk(publicKeyOf(key))
    const forEncryption = { ...jwk, alg: 'ECDH-ES+A256KW' }
    const jwks = JSON.stringify({ keys: [forEncryption, jwk] })
    expect(await outcomeOf(sign({}), { jwks })).toBe('spend a1')
  })

  it.each([
    ['for the token endpoint (E05)', sign({ aud: `${us}/oauth2/token` }), 'audience_mismatch'],
    ['for us twice in a list (E05)', sign({ aud: [us, us] }), 'claim_mismatch aud'],
    ['for us and another (E05)', sign({ aud: [us, 'https://evil.test'] }), 'audience_mismatch'],
    ['for us with a slash (E05)', sign({ aud: `${us}/` }), 'audience_mismatch'],
    ['for us in capitals (E05)', sign({ aud: us.toUpperCase() }), 'audience_mismatch'],
    ['issued by another (E07)', sign({ iss: 'other' }), 'issuer_mismatch'],
    ['about another client (E07)', sign({ sub: 'other' }), 'client_unknown'],
    ['signed by a stranger (E07)', sign({}, stranger), 'signature_invalid'],
    ['for a year (E07)', sign({ exp: now + 365 * 86_400 }), 'lifetime_too_long exp'],
    ['for a little over five minutes', sign({ exp: now + 311 }), 'lifetime_too_long exp'],
    ['that has ended', sign({ exp: now - 11 }), 'expired'],
    ['without exp', sign({ exp: undefined }), 'claim_missing exp'],
    ['without jti', sign({ jti: undefined }), 'claim_missing jti'],
    ['that is an access token (B24)', sign({}, key, 'at+jwt'), 'typ_mismatch'],
    ['that is a DPoP proof (B24)', sign({}, key, 'dpop+jwt'), 'typ_mismatch'],
    ['that is garbage', 'garbage', 'malformed'],
    ['without a signature (E07)', `${unsigned('none')}.`, 'algorithm_not_allowed'],
    ['that encrypts instead of signing (C01)', 'a.b.c.d.e', 'malformed'],
  ])('refuses an assertion %s', async (_, assertion, reason) => {
    expect(await outcomeOf(assertion)).toBe(reason)
  })

  it('refuses a MAC under the text of the public key (A05, E07)', async () => {
    const jwk = exportJwk(publicKeyOf(key))
    for (const secret of [client.jwks ?? '', JSON.stringify(jwk), String(jwk['x'])]) {
      const input = unsigned('HS256')
      const mac = createHmac('sha256', secret).update(input).digest('base64url')
      expect(await outcomeOf(`${input}.${mac}`)).toBe('algorithm_not_allowed')
    }
  })

  it('says for the audit log that a forged assertion names a client we know (E07)', async () => {
    const found = await checkNow(sign({}, stranger))
    expect(found).toMatchObject({ ok: false, refusal: { known: true, clientId: 'robot' } })
  })

  it('keeps the id longer than any clock of ours may take the assertion', async () => {
    const found = await checkNow(sign({}))
    const until = found.ok ? Number(found.value.spend[0]?.until) : 0
    // A clock may be set an hour ahead by mistake, and back.
    expect(until).toBeGreaterThanOrEqual(good.exp + 3_600 + 60)
  })

  it('refuses another client_id with it, and a client of another method', async () => {
    expect(await outcomeOf(sign({}), {}, 'other')).toBe('subject_mismatch')
    expect(await outcomeOf(sign({}), { authentication: 'client_secret' })).toBe(
      'method_not_allowed',
    )
    expect(await outcomeOf(sign({}), { jwks: null })).toBe('key_unknown')
    expect(await outcomeOf(sign({}), { jwks: '{"keys":[]}' })).toBe('key_unknown')
  })

  it('is read again where the cached keys refuse it, because a node may lack newer ones', async () => {
    const check = createAssertionCheck({ issuer: us, now: () => now })
    const old = JSON.stringify({ keys: [exportJwk(publicKeyOf(generateKey('ES256')))] })
    const clients = { remembered: () => ({ ...client, jwks: old }), read: async () => client }
    const found = await check({ assertion: sign({}), clientId: 'robot' }, clients)
    expect(found).toMatchObject({ ok: true })
  })

  it('has the keys of a client prepared once for one text of them, however often it is read', async () => {
    const check = createAssertionCheck({ issuer: us, now: () => now })
    const read = vi.spyOn(JSON, 'parse')
    onTestFinished(() => read.mockRestore())
    const copy = () => ({ ...client })
    const clients = { remembered: copy, read: async () => copy() }
    const ask = (assertion: string) => check({ assertion, clientId: undefined }, clients)
    for (let sent = 0; sent < 5; sent += 1) await ask(sign({}, stranger))
    expect(await ask(sign({}))).toMatchObject({ ok: true })
    expect(read.mock.calls.filter(([text]) => text === client.jwks)).toHaveLength(1)
  })

  // The signature that is looked at for nobody is the one of the stand-in.
  it.each<readonly [string, Partial<ClientRecord> | undefined, number]>([
    ['a client that is not there', undefined, 1],
    ['a client of another method', { authentication: 'client_secret', jwks: null }, 1],
    ['a client without usable keys', { jwks: '{"keys":[]}' }, 1],
    ['a client with a key of another kid', { jwks: otherKid }, 1],
    ['a client whose key it is not', {}, 0],
  ])(
    'takes a signature and a read of the database for %s, as for any',
    async (_, over, standing) => {
      const asked = { standIns: 0, reads: 0 }
      const keys = createStandInKeys()
      const standIns: KeySet = {
        ...keys,
        find: (wanted) => {
          asked.standIns += 1
          return keys.find(wanted)
        },
      }
      const check = createAssertionCheck({ issuer: us, now: () => now, standIns })
      const record = over === undefined ? undefined : { ...client, ...over }
      const clients = {
        remembered: () => record,
        read: async () => {
          asked.reads += 1
          return record
        },
      }
      const assertion = sign({}, stranger)
      expect((await check({ assertion, clientId: undefined }, clients)).ok).toBe(false)
      expect(asked).toEqual({ standIns: standing, reads: 1 })
    },
  )

  it.each(asymmetricAlgs)(
    'has a key that stands in for %s, whose signatures do not pass',
    (alg) => {
      const signer = generateKey(alg)
      const policy = { keys: createStandInKeys(), algorithms: [alg] }
      const token = signJws('x', signer)
      expect(verifyJws(token, policy)).toEqual({
        ok: false,
        refusal: { reason: 'signature_invalid' },
      })
    },
  )
})

function unsigned(alg: string): string {
  const part = (value: object) => encodeBase64url(Buffer.from(JSON.stringify(value)))
  return `${part({ alg, kid: 'c1' })}.${part(good)}`
}
