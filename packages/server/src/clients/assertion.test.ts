import { createHmac } from 'node:crypto'
import {
  encodeBase64url,
  exportJwk,
  generateKey,
  publicKeyOf,
  signJwt,
  type EpochSeconds,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { ClientRecord } from '../store/port/records.ts'
import { createAssertionCheck } from './assertion.ts'

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
  createdAt: now,
}
const good = { iss: 'robot', sub: 'robot', aud: us, jti: 'a1', iat: now, exp: now + 60 }

function checkNow(assertion: string, over: Partial<ClientRecord> = {}, clientId?: string) {
  const check = createAssertionCheck({ issuer: us, now: () => now })
  const found = check({ method: 'assertion', assertion, clientId }, (id) =>
    id === 'robot' ? { ...client, ...over } : undefined,
  )
  if (found instanceof Promise) throw new Error('a promise where nothing had to be awaited')
  return found
}

function outcomeOf(...asked: Parameters<typeof checkNow>): string {
  const found = checkNow(...asked)
  if (found.ok) return `spend ${found.value.spend.map(({ id }) => id).join()}`
  const { refusal } = found.refusal
  return 'detail' in refusal ? refusal.detail : refusal.reason
}

const sign = (over: object, signer: Key = key, typ = 'JWT') =>
  signJwt({ ...good, ...over }, signer, { typ })

describe('private_key_jwt', () => {
  it('lets a client in by its key and names what must be spent', () => {
    expect(outcomeOf(sign({}))).toBe('spend a1')
    expect(outcomeOf(sign({}), {}, 'robot')).toBe('spend a1')
    expect(outcomeOf(sign({}, key, 'client-authentication+jwt'))).toBe('spend a1')
  })

  it.each([
    ['for the token endpoint (E05)', sign({ aud: `${us}/oauth2/token` }), 'audience_mismatch'],
    ['for us in a list (E05)', sign({ aud: [us] }), 'claim_mismatch'],
    ['for us and another (E05)', sign({ aud: [us, 'https://evil.test'] }), 'audience_mismatch'],
    ['for us with a slash (E05)', sign({ aud: `${us}/` }), 'audience_mismatch'],
    ['for us in capitals (E05)', sign({ aud: us.toUpperCase() }), 'audience_mismatch'],
    ['issued by another (E07)', sign({ iss: 'other' }), 'issuer_mismatch'],
    ['about another client (E07)', sign({ sub: 'other' }), 'client_unknown'],
    ['signed by a stranger (E07)', sign({}, stranger), 'signature_invalid'],
    ['for a year (E07)', sign({ exp: now + 365 * 86_400 }), 'lifetime_too_long'],
    ['for a little over five minutes', sign({ exp: now + 311 }), 'lifetime_too_long'],
    ['that has ended', sign({ exp: now - 11 }), 'expired'],
    ['without exp', sign({ exp: undefined }), 'claim_missing'],
    ['without jti', sign({ jti: undefined }), 'claim_missing'],
    ['that is an access token (B24)', sign({}, key, 'at+jwt'), 'typ_mismatch'],
    ['that is a DPoP proof (B24)', sign({}, key, 'dpop+jwt'), 'typ_mismatch'],
    ['that is garbage', 'garbage', 'malformed'],
    ['without a signature (E07)', `${unsigned('none')}.`, 'algorithm_not_allowed'],
    ['that encrypts instead of signing (C01)', 'a.b.c.d.e', 'malformed'],
  ])('refuses an assertion %s', (_, assertion, reason) => {
    expect(outcomeOf(assertion)).toBe(reason)
  })

  it('refuses a MAC under the text of the public key (A05, E07)', () => {
    const jwk = exportJwk(publicKeyOf(key))
    for (const secret of [client.jwks ?? '', JSON.stringify(jwk), String(jwk['x'])]) {
      const input = unsigned('HS256')
      const mac = createHmac('sha256', secret).update(input).digest('base64url')
      expect(outcomeOf(`${input}.${mac}`)).toBe('algorithm_not_allowed')
    }
  })

  it('says for the audit log that a forged assertion names a client we know (E07)', () => {
    const found = checkNow(sign({}, stranger))
    expect(found).toMatchObject({ ok: false, refusal: { known: true, clientId: 'robot' } })
  })

  it('keeps the id longer than any clock of ours may take the assertion', () => {
    const found = checkNow(sign({}))
    const until = found.ok ? Number(found.value.spend[0]?.until) : 0
    expect(until).toBeGreaterThanOrEqual(good.exp + 60)
  })

  it('refuses another client_id beside it, and a client of another method', () => {
    expect(outcomeOf(sign({}), {}, 'other')).toBe('subject_mismatch')
    expect(outcomeOf(sign({}), { authentication: 'client_secret' })).toBe('method_not_allowed')
    expect(outcomeOf(sign({}), { jwks: null })).toBe('key_unknown')
    expect(outcomeOf(sign({}), { jwks: '{"keys":[]}' })).toBe('key_unknown')
  })
})

function unsigned(alg: string): string {
  const part = (value: object) => encodeBase64url(Buffer.from(JSON.stringify(value)))
  return `${part({ alg, kid: 'c1' })}.${part(good)}`
}
