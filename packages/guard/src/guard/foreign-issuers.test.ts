import {
  encryptJwt,
  exportJwk,
  generateKey,
  publicKeyOf,
  signJwt,
  type EpochSeconds,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { FetchAnswer } from '../outbound/fetch-document.ts'
import type { NodeRequest } from '../policy/request.ts'
import { explainRefusal } from '../explain-refusal.ts'
import type { GuardRefusal } from '../refusal.ts'
import { createGuard } from './guard.ts'
import type { GuardOptions } from './options.ts'

const issuer = 'https://issuer.test'
const audience = 'https://api.test'
const jwksUri = `${issuer}/jwks`
const now = 1_800_000_000 as EpochSeconds
const profile = { typ: ['JWT', ''], require: ['sub'] }
const rsa = generateKey('RS256', { kid: 'a' })
const { alg: _alg, use: _use, ...bare } = exportJwk(publicKeyOf(rsa))
const claims = { iss: issuer, aud: audience, sub: 'u1', iat: now, exp: now + 300 }

function json(value: unknown, status = 200): FetchAnswer {
  const body = [new TextEncoder().encode(JSON.stringify(value))].values()
  return {
    status,
    headers: { get: () => null },
    body: { [Symbol.asyncIterator]: () => ({ next: async () => body.next() }) },
  }
}

const bearer = (token: string): NodeRequest => ({
  method: 'GET',
  url: '/',
  rawHeaders: ['Authorization', `Bearer ${token}`],
})

/** A guard in front of an issuer that publishes these members, on a simulated network. */
function guardOf(members: readonly object[], over: Partial<GuardOptions> = {}) {
  const heard: GuardRefusal[] = []
  const guard = createGuard({
    issuer,
    audience,
    profile,
    revocation: false,
    onRefusal: (refusal) => heard.push(refusal),
    deps: {
      now: () => now,
      later: () => () => undefined,
      fetch: async (url) => {
        if (url === jwksUri) return json({ keys: members })
        return url.endsWith('openid-configuration')
          ? json({ issuer, jwks_uri: jwksUri })
          : json({}, 404)
      },
    },
    ...over,
  })
  const check = async (change: object = {}, key: Key = rsa, header: object = {}) => {
    const token = signJwt({ ...claims, ...change }, key, { typ: 'JWT', ...header })
    const outcome = await guard.check(bearer(token))
    return outcome.ok ? outcome.value : outcome.refusal
  }
  return { guard, heard, check, keys: () => guard.health().issuers[0]?.keys }
}

describe('keys of an issuer as it is', () => {
  const sig = { ...bare, use: 'sig', alg: 'RS256' }
  it.each<[string, readonly object[], Partial<GuardOptions>, readonly string[]]>([
    [
      'one key for signatures and for encryption',
      [{ ...bare, use: 'enc', alg: 'RSA-OAEP-256' }, sig],
      {},
      ['a: algorithm_not_allowed RSA-OAEP-256'],
    ],
    [
      'one key with a row for each alg',
      ['RS256', 'RS512', 'RS384'].map((alg) => ({ ...sig, alg })),
      { algorithms: ['RS256'] },
      ['a: algorithm_not_allowed RS512', 'a: algorithm_not_allowed RS384'],
    ],
    ['null for absent members', [{ ...sig, d: null, oth: null, key_ops: null }], {}, []],
    [
      'null for alg, use and kid',
      [{ ...bare, alg: null, use: null, kid: null }],
      { algorithms: ['RS256'] },
      [],
    ],
    ['an empty use', [{ ...sig, use: '' }], {}, []],
    ['no alg, and one allowed algorithm', [bare], { algorithms: ['RS256'] }, []],
    [
      'a broken key and a good one',
      [{ ...sig, kid: 'j', n: `AA${bare.n}` }, sig],
      {},
      ['j: jwk_malformed n'],
    ],
  ])('%s', async (_, members, over, skipped) => {
    const { check, keys } = guardOf(members, over)
    expect(await check()).toMatchObject({ subject: 'u1' })
    expect(keys()?.skipped).toEqual(skipped)
  })

  it('without alg are skipped by name, and the remedy is named', async () => {
    const { guard, heard, check, keys } = guardOf([{ ...bare, use: 'sig' }])
    const explained = 'no usable key (a: algorithm_missing; name it in algorithms)'
    await expect(guard.ready()).rejects.toThrow(explained)
    expect(keys()).toMatchObject({ skipped: ['a: algorithm_missing'] })
    expect(await check()).toMatchObject({ reason: 'keys_unavailable' })
    expect(heard[0]).toMatchObject({
      failure: 'keys: no_usable_key',
      skipped: ['a: algorithm_missing'],
    })
    expect(explainRefusal(heard[0] as GuardRefusal)).toContain(explained)
  })

  it('under several algorithms are skipped by name, and the remedy is named', async () => {
    const { guard } = guardOf(['RS256', 'RS512'].map((alg) => ({ ...bare, alg })))
    await expect(guard.ready()).rejects.toThrow(
      'no usable key (a: key_reused; a: key_reused; name it in algorithms)',
    )
  })

  it('that are unreachable are named with the code of the network', async () => {
    const cause = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    const { guard, heard, check } = guardOf([], {
      deps: {
        now: () => now,
        later: () => () => undefined,
        fetch: () => Promise.reject(new TypeError('fetch failed', { cause })),
      },
    })
    await expect(guard.ready()).rejects.toThrow('metadata: unreachable ENOTFOUND')
    await check()
    expect(heard[0]).toMatchObject({ issuer, failure: 'metadata: unreachable ENOTFOUND' })
  })

  it('without a kid are tried, and fetched again if none fits', async () => {
    const next = generateKey('RS256')
    const nameless = (key: Key) => ({ ...exportJwk(publicKeyOf(key)), kid: null })
    const members = [nameless(rsa)]
    const { check } = guardOf(members)
    expect(await check()).toMatchObject({ subject: 'u1' })
    members[0] = nameless(next)
    expect(await check({}, next)).toMatchObject({ subject: 'u1' })
  })

  it.each(['EdDSA', 'Ed25519'] as const)('of Ed25519 verify under both names: %s', async (alg) => {
    const pair = generateKey(alg, { kid: 'e' })
    for (const own of ['EdDSA', 'Ed25519', null]) {
      const { check } = guardOf([{ ...exportJwk(publicKeyOf(pair)), alg: own }])
      expect(await check({}, pair)).toMatchObject({ subject: 'u1' })
    }
  })
})

describe('tokens of an issuer as it is', () => {
  const sig = { ...bare, use: 'sig', alg: 'RS256' }
  it.each<[string, Partial<GuardOptions>, unknown, readonly string[]]>([
    ['a list under a profile', {}, ['a', 'b'], ['a', 'b']],
    ['a text under a profile', {}, 'a b', ['a', 'b']],
    ['a list, named by the owner', { permissions: { scopes: 'scope' } }, ['a'], ['a']],
    ['a list with a number in it', {}, ['a', 5], []],
  ])('scope: %s', async (_, over, scope, scopes) => {
    expect(await guardOf([sig], over).check({ scope })).toMatchObject({ scopes })
  })

  it('scope: a list without a profile gives no scopes', async () => {
    const options = { issuer, audience, keys: publicKeyOf(rsa), deps: { now: () => now } }
    const own = { ...claims, client_id: 'c', jti: 'j', scope: ['a'] }
    const token = signJwt(own, rsa, { typ: 'at+jwt' })
    expect(await createGuard(options).check(bearer(token))).toMatchObject({ value: { scopes: [] } })
  })

  it.each<[string, string | undefined, string]>([
    ['another type', 'at+jwt', 'at+jwt'],
    ['a type with a line break', 'a\nb', 'a?b'],
  ])('the refusal names the found typ: %s', async (_, typ, found) => {
    const { heard, check } = guardOf([sig])
    await check({}, rsa, { typ })
    expect(heard[0]).toMatchObject({ reason: 'typ_mismatch', found, expected: ['jwt', ''] })
  })

  it('the refusal says that a token has no typ', async () => {
    const { heard, check } = guardOf([sig], { profile: { typ: 'at+jwt' } })
    await check({}, rsa, { typ: '' })
    expect(heard[0]).toMatchObject({ reason: 'typ_mismatch', expected: ['at+jwt'] })
    expect(heard[0]).not.toHaveProperty('found')
  })

  it('the refusal names padding inside a token', async () => {
    const { guard, heard } = guardOf([sig])
    const [header = '', ...rest] = signJwt(claims, rsa, { typ: 'JWT' }).split('.')
    await guard.check(bearer([`${header}==`, ...rest].join('.')))
    await guard.check(bearer('nonsense'))
    expect(heard).toEqual([
      { reason: 'malformed', part: 'header', isPadded: true, proven: false },
      { reason: 'malformed', part: 'token', proven: false },
    ])
  })

  it('the refusal says why a token could not be decrypted', async () => {
    const envelope = generateKey('RSA-OAEP-256', { kid: 'e' })
    const { guard, heard } = guardOf([sig], { decryptionKeys: envelope })
    const inner = signJwt(claims, rsa, { typ: 'JWT' })
    const token = encryptJwt(inner, publicKeyOf(envelope), { enc: 'A128CBC-HS256' })
    const outcome = await guard.check(bearer(token))
    expect(outcome).toMatchObject({ refusal: { reason: 'decryption_failed' } })
    expect(heard[0]).toMatchObject({
      cause: { reason: 'encryption_not_allowed', allowed: ['A128GCM', 'A192GCM', 'A256GCM'] },
      alg: 'RSA-OAEP-256',
      kid: 'e',
    })
    expect(guard.answer(heard[0] as GuardRefusal).body).not.toContain('encryption')
  })
})
