import {
  encryptJwt,
  generateKey,
  keySetOf,
  ok,
  publicKeyOf,
  refuse,
  signJwt,
  type EpochSeconds,
} from '@countersign/jwt'
import { beforeEach, describe, expect, it } from 'vitest'
import { holdGivenKeys } from '../keys/given.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import { createTokenCache, type CacheLimits } from './cache.ts'
import { createGuardEnvelopes } from './envelopes.ts'
import { createIssuerVerifier, type IssuerPolicy } from './issuer-verifier.ts'
import { burntBy } from './proven-token.ts'
import { createTokenReader, type TokenReaderParts } from './reader.ts'

const start = 1_800_000_000
const key = generateKey('ES256', { kid: 'signs' })
const other = generateKey('ES256', { kid: 'signs-too' })
const opener = generateKey('ECDH-ES', { kid: 'opens' })
const claims = {
  iss: 'https://issuer.test',
  aud: 'https://api.test',
  sub: 'alice',
  client_id: 'web',
  jti: 'j1',
  iat: start,
  exp: start + 600,
}
const policy: IssuerPolicy = {
  issuer: claims.iss,
  audience: claims.aud,
  allowOtherAudiences: false,
  algorithms: ['ES256'],
  profile: undefined,
  leewaySeconds: 10,
  envelope: 'optional',
}
const sign = (over: object = {}) => signJwt({ ...claims, ...over }, key, { typ: 'at+jwt' })

/** The state that a test may change, and the counts of the reader's calls. */
const aState = () => ({
  now: start + 100,
  generation: 0,
  dead: undefined as 'revoked' | 'claims_stale' | undefined,
  burnt: [] as string[],
  stale: false,
  keys: keySetOf([publicKeyOf(key), publicKeyOf(other)]),
  openers: keySetOf([opener]),
  prepared: 0,
  asked: 0,
})

describe('the token reader', () => {
  let state = aState()
  beforeEach(() => {
    state = aState()
  })

  function readerOf(
    over: Partial<TokenReaderParts<number>> & {
      readonly policy?: Partial<IssuerPolicy>
      readonly limits?: CacheLimits
    } = {},
  ) {
    const revocation: RevocationView = {
      check: ({ kid, envelopeKid }) => {
        state.asked += 1
        if ([kid, envelopeKid].some((name) => state.burnt.includes(name ?? ''))) return 'revoked'
        return state.dead ?? 'live'
      },
      generation: () => state.generation,
      isTooStale: () => state.stale,
      health: () => ({ state: 'fresh', ageSeconds: 0 }),
    }
    const verifier = createIssuerVerifier(
      { ...policy, ...over.policy },
      holdGivenKeys({ keySet: () => state.keys }, ['ES256']),
      revocation,
      () => undefined,
    )
    const envelopes = createGuardEnvelopes(
      { audience: claims.aud, decryptionKeys: { keySet: () => state.openers } },
      undefined,
      {
        now: () => state.now as EpochSeconds,
        random: () => 0,
        later: () => () => undefined,
      },
      (kid) => burntBy(revocation, kid),
    )
    const read = createTokenReader<number>({
      issuers: { only: verifier, trusts: () => true, findVerifier: () => ok(verifier) },
      envelopes,
      remember: createTokenCache(over.limits ?? { entriesMax: 100, bytesMax: 1024 * 1024 }),
      prepare: () => ok((state.prepared += 1)),
      ...over,
    })
    return (token: string) => {
      const outcome = read(token, state.now as EpochSeconds)
      if (outcome instanceof Promise) throw new Error('needs no promise if the keys are present')
      return outcome
    }
  }
  const reasonOf = (outcome: ReturnType<ReturnType<typeof readerOf>>) =>
    outcome.ok ? 'live' : outcome.refusal.reason

  it('proves a token twice, then checks its revocations only after a change', () => {
    const read = readerOf()
    const token = sign()
    for (let count = 0; count < 5; count += 1) read(token)
    expect(state).toMatchObject({ prepared: 2, asked: 2 })
    state.generation = 1
    read(token)
    expect(state).toMatchObject({ prepared: 2, asked: 3 })
  })

  it('marks a cached token and returns the same object again', () => {
    const read = readerOf()
    const token = sign()
    const outcomes = [read(token), read(token), read(token)]
    expect(outcomes.slice(0, 2)).toMatchObject([
      { value: { isRemembered: false } },
      { value: { isRemembered: true } },
    ])
    expect(outcomes[2]).toBe(outcomes[1])
  })

  it('compares the complete text: another token with the same signature is not the cached one', () => {
    const read = readerOf()
    const token = sign()
    for (let count = 0; count < 3; count += 1) read(token)
    const [, payload, signature] = token.split('.')
    expect(reasonOf(read(`eyJ9.${payload}.${signature}`))).toBe('malformed')
    expect(reasonOf(read(`${token.slice(0, 40)}A${token.slice(41)}`))).not.toBe('live')
  })

  /** Each row changes the state after the token was cached. */
  it.each<[name: string, change: () => void, says: string]>([
    ['nothing changed', () => undefined, 'live'],
    ['it was revoked', () => (state = { ...state, generation: 1, dead: 'revoked' }), 'revoked'],
    [
      'its claims are stale',
      () => (state = { ...state, generation: 1, dead: 'claims_stale' }),
      'claims_stale',
    ],
    ['the revocations are too old', () => (state.stale = true), 'revocations_stale'],
    ['it is in its leeway', () => (state.now = start + 605), 'live'],
    ['it has expired', () => (state.now = start + 611), 'expired'],
    ['the clock was set back', () => (state.now = start - 100), 'issued_in_future'],
    ['its key was removed', () => (state.keys = keySetOf([publicKeyOf(other)])), 'key_unknown'],
    [
      'its key was burnt and removed',
      () => {
        state.keys = keySetOf([publicKeyOf(other)])
        state.burnt = ['signs']
      },
      'revoked',
    ],
    ['the keys were fetched again', () => (state.keys = keySetOf([...state.keys.keys])), 'live'],
  ])('a cached token, after which %s: %s', (_, change, says) => {
    const read = readerOf()
    const token = sign()
    for (let count = 0; count < 3; count += 1) read(token)
    change()
    expect(reasonOf(read(token))).toBe(says)
  })

  it.each<[name: string, change: () => void, says: string]>([
    ['nothing changed', () => undefined, 'live'],
    ['its key was removed', () => (state.openers = keySetOf([])), 'decryption_failed'],
    [
      'its key was burnt and removed',
      () => {
        state.openers = keySetOf([])
        state.burnt = ['opens']
      },
      'revoked',
    ],
    [
      'its key was burnt and is still published',
      () => (state = { ...state, generation: 1, burnt: ['opens'] }),
      'revoked',
    ],
  ])('a cached token in an envelope, after which %s: %s', (_, change, says) => {
    const read = readerOf({ policy: { envelope: 'required' } })
    const token = encryptJwt(sign(), publicKeyOf(opener))
    for (let count = 0; count < 3; count += 1) read(token)
    change()
    expect(reasonOf(read(token))).toBe(says)
  })

  const sealed = () => encryptJwt(sign(), publicKeyOf(opener))
  it.each([
    ['required', 'signed only', sign, 'plain_token'],
    ['required', 'in an envelope', sealed, 'live'],
    ['required', 'no token', () => 'a.b.c', 'malformed'],
    ['optional', 'signed only', sign, 'live'],
    ['optional', 'in an envelope', sealed, 'live'],
  ] as const)('where an envelope is %s, a token that is %s: %s', (envelope, _, token, says) => {
    expect(reasonOf(readerOf({ policy: { envelope } })(token()))).toBe(says)
  })

  it('without keys for envelopes refuses every envelope', () => {
    expect(reasonOf(readerOf({ envelopes: undefined })(sealed()))).toBe('decryption_failed')
  })

  it.each([
    [{ jkt: 'thumbprint' }, 'live'],
    [{ jkt: 1 }, 'binding_unsupported'],
    [{ 'x5t#S256': 'x' }, 'binding_unsupported'],
    [{ jkt: 'thumbprint', jku: 'x' }, 'binding_unsupported'],
    ['text', 'binding_unsupported'],
  ])('a token that is bound by %j: %s', (cnf, says) => {
    expect(reasonOf(readerOf()(sign({ cnf })))).toBe(says)
  })

  it('refuses with the reason of its owner and the names of the proven token', () => {
    const read = readerOf({ prepare: () => refuse({ reason: 'claims_invalid', path: 'tenant' }) })
    expect(read(sign())).toEqual({
      ok: false,
      refusal: {
        reason: 'claims_invalid',
        path: 'tenant',
        proven: true,
        kid: 'signs',
        jti: 'j1',
      },
    })
  })

  it('never caches a refused token', () => {
    const read = readerOf({ prepare: () => refuse({ reason: 'claims_invalid', path: 'tenant' }) })
    const token = sign()
    const outcomes = Array.from({ length: 3 }, () => reasonOf(read(token)))
    expect(outcomes).toEqual(['claims_invalid', 'claims_invalid', 'claims_invalid'])
  })

  it('caches at most the allowed number of tokens', () => {
    const read = readerOf({ limits: { entriesMax: 10, bytesMax: 1024 * 1024 } })
    const tokens = Array.from({ length: 30 }, (_, serial) => sign({ jti: `j${serial}` }))
    for (const token of tokens) for (let count = 0; count < 2; count += 1) read(token)
    expect(state.prepared).toBe(60)
    for (const token of tokens) read(token)
    expect(state.prepared).toBeGreaterThan(60 + 19)
  })
})
