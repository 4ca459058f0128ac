import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signJws } from '../jws/sign-jws.ts'
import { verifyJws } from '../jws/verify-jws.ts'
import { unwrap } from '../jwt/jwt-refused.ts'
import { exportJwk, publicKeyOf } from './export-jwk.ts'
import { generateKey } from './generate-key.ts'
import { importKey } from './import-key.ts'
import type { Jwk } from './jwk.ts'
import { createKeySet, keySetOf, type KeySetOptions } from './key-set.ts'
import type { KeyAlgorithm } from './key-shapes.ts'
import { base64url, ecPublicJwk, jwkOf, rsaJwk, rsaPublicJwk } from './key.samples.ts'

const otherRsa = jwkOf(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
)
const edKey = exportJwk(publicKeyOf(generateKey('Ed25519')))
const signed = (jwk: Jwk, alg: string, kid: string): Jwk => ({ ...jwk, alg, kid, use: 'sig' })

/** The result of reading a set: the kids that are there, and the missing ones with their reason. */
function read(keys: readonly unknown[], options: KeySetOptions) {
  const made = createKeySet({ keys }, options)
  if (!made.ok) return made.refusal.reason
  const skipped = made.value.skipped.map(({ kid, refusal }) => `${kid ?? '?'}: ${refusal.reason}`)
  return { keys: made.value.keys.map(({ kid, alg }) => `${kid ?? '?'} ${alg}`), skipped }
}

type Row = readonly [name: string, keys: readonly unknown[], outcome: unknown]

describe('a conflict counts only among keys that the policy can use', () => {
  it.each<Row>([
    [
      'one key for signing and for encryption',
      [
        { ...rsaPublicJwk, kid: 'a', alg: 'RSA-OAEP-256', use: 'enc' },
        signed(rsaPublicJwk, 'RS256', 'a'),
      ],
      { keys: ['a RS256'], skipped: ['a: algorithm_not_allowed'] },
    ],
    [
      'one key with a row for each of its uses under one alg',
      [{ ...signed(rsaPublicJwk, 'RS256', 'a'), use: 'enc' }, signed(rsaPublicJwk, 'RS256', 'a')],
      { keys: ['a RS256'], skipped: ['a: use_mismatch'] },
    ],
    [
      'one key with a row for each algorithm',
      ['RS512', 'RS256', 'PS256'].map((alg) => signed(rsaPublicJwk, alg, 'a')),
      { keys: ['a RS256'], skipped: ['a: algorithm_not_allowed', 'a: algorithm_not_allowed'] },
    ],
    [
      'one kid and alg twice, of an algorithm that is not asked for',
      [
        signed(rsaPublicJwk, 'PS256', 'a'),
        signed(otherRsa, 'PS256', 'a'),
        signed(rsaPublicJwk, 'RS256', 'b'),
      ],
      { keys: ['b RS256'], skipped: ['a: algorithm_not_allowed', 'a: algorithm_not_allowed'] },
    ],
    [
      'a key of another kind without alg',
      [
        { ...ecPublicJwk, kid: 'e' },
        { ...rsaPublicJwk, kid: 'a' },
      ],
      { keys: ['a RS256'], skipped: ['e: key_wrong_kind'] },
    ],
    [
      'an encryption key without alg',
      [
        { ...otherRsa, kid: 'e', use: 'enc' },
        { ...rsaPublicJwk, kid: 'a' },
      ],
      { keys: ['a RS256'], skipped: ['e: use_mismatch'] },
    ],
    [
      'two keys of one kid that could both be used',
      [signed(rsaPublicJwk, 'RS256', 'a'), signed(otherRsa, 'RS256', 'a')],
      'key_duplicate',
    ],
  ])('%s', (_, keys, outcome) => {
    expect(read(keys, { algorithms: ['RS256'] })).toEqual(outcome)
  })
})

describe('a mistake in a set of others costs only the members that it concerns', () => {
  const good = signed(ecPublicJwk, 'ES256', 'good')
  it.each<Row>([
    [
      'two keys of one kid',
      [good, signed(rsaPublicJwk, 'RS256', 'a'), signed(otherRsa, 'RS256', 'a')],
      { keys: ['good ES256'], skipped: ['a: key_duplicate', 'a: key_duplicate'] },
    ],
    [
      'one key under two algorithms',
      [good, signed(rsaPublicJwk, 'RS256', 'a'), signed(rsaPublicJwk, 'PS256', 'b')],
      { keys: ['good ES256'], skipped: ['a: key_reused', 'b: key_reused'] },
    ],
    ['one key twice', [good, good], { keys: ['good ES256'], skipped: ['good: key_duplicate'] }],
    [
      'a good member and a broken one of one kid',
      [good, { ...good, x: `${good.x}=` }],
      { keys: ['good ES256'], skipped: ['good: jwk_malformed'] },
    ],
    [
      'more than a hundred members',
      [good, ...Array.from({ length: 100 }, () => 5)],
      {
        keys: ['good ES256'],
        skipped: [...Array.from({ length: 99 }, () => '?: jwk_malformed'), '?: set_too_large'],
      },
    ],
    ['no members', [], { keys: [], skipped: [] }],
  ])('%s', (_, keys, outcome) => {
    expect(read(keys, { skipConflicts: true })).toEqual(outcome)
  })
})

describe('null counts as absent', () => {
  it.each(
    [
      'd p q dp dq qi oth k priv'.split(' '),
      'crv key_ops use alg kid x y x5c x5t'.split(' '),
    ].flat(),
  )('in the member %s', (member) => {
    const jwk = { ...rsaPublicJwk, use: 'sig', [member]: null }
    expect(read([jwk], { algorithms: ['RS256'] })).toEqual({ keys: ['? RS256'], skipped: [] })
    expect(importKey(jwk as unknown as Jwk, { alg: 'RS256' }).ok).toBe(true)
    expect(importKey(JSON.stringify(jwk), { alg: 'RS256' }).ok).toBe(true)
  })

  it.each(['use', 'alg', 'kid'])('and so does an empty text in the label %s', (member) => {
    const jwk = { ...rsaPublicJwk, [member]: '' }
    expect(read([jwk], { algorithms: ['RS256'] })).toEqual({ keys: ['? RS256'], skipped: [] })
  })

  it('in an own private key', () => {
    const jwk = { ...rsaJwk, oth: null, key_ops: null }
    expect(importKey(jwk as unknown as Jwk, { alg: 'RS256' })).toMatchObject({
      value: { kind: 'private' },
    })
  })

  it.each([
    ['n', 'jwk_malformed'],
    ['e', 'jwk_malformed'],
    ['kty', 'jwk_malformed'],
  ])('so that a needed member %s is missed', (member, reason) => {
    const jwk = { ...rsaPublicJwk, alg: 'RS256', kid: 'a', [member]: null }
    expect(read([jwk], {})).toEqual({ keys: [], skipped: [`a: ${reason}`] })
  })

  it('and a private member that is text still exposes the key', () => {
    for (const d of ['', 'AA', rsaJwk.d])
      expect(read([{ ...rsaPublicJwk, alg: 'RS256', d }], {})).toEqual({
        keys: [],
        skipped: ['?: private_key_exposed'],
      })
  })
})

describe('keys without a kid are tried', () => {
  const makeNameless = () => {
    const { kid: _, ...jwk } = exportJwk(generateKey('ES256'), { private: true })
    return unwrap(importKey(jwk, { alg: 'ES256' }))
  }
  const nameless = [makeNameless(), makeNameless()] as const
  const named = generateKey('ES256', { kid: 'a' })
  const stranger = makeNameless()
  const set = keySetOf([...nameless, named].map(publicKeyOf))
  const renamed = unwrap(
    importKey(exportJwk(nameless[1], { private: true }), { alg: 'ES256', kid: 'elsewhere' }),
  )
  const verify = (key: typeof named) => {
    const token = signJws(new TextEncoder().encode('{}'), key)
    const read = verifyJws(token, { keys: set, algorithms: ['ES256'] })
    return read.ok ? 'accepted' : read.refusal.reason
  }

  it.each([
    ['for a token of the first of them', nameless[0], 'accepted'],
    ['for a token of another of them', nameless[1], 'accepted'],
    ['for a token that names a kid which is not in the set', renamed, 'accepted'],
    ['and not for one that names a kid of the set', named, 'accepted'],
    ['in vain for a token of a key that is not there', stranger, 'key_unknown'],
  ] as const)('%s', (_, key, outcome) => {
    expect(key.kid === undefined || key.kid === 'a' || key.kid === 'elsewhere').toBe(true)
    expect([verify(key), verify(key)]).toEqual([outcome, outcome])
  })

  it('eight at most', () => {
    const many = Array.from({ length: 9 }, makeNameless)
    const keys = keySetOf(many.map(publicKeyOf))
    const reasons = many.map((key) => {
      const read = verifyJws(signJws(new Uint8Array(1), key), { keys, algorithms: ['ES256'] })
      return read.ok ? 'accepted' : read.refusal.reason
    })
    expect(reasons).toEqual([...Array.from({ length: 8 }, () => 'accepted'), 'key_unknown'])
  })
})

describe('an Ed25519 public key verifies under both names of its algorithm', () => {
  const names = ['EdDSA', 'Ed25519'] as const
  const rows = names.flatMap((alg) => [undefined, ...names].map((own) => [alg, own] as const))
  it.each(rows)('header %s, key %s', (alg, own) => {
    const pair = generateKey(alg, { kid: 'e' })
    const token = signJws(new TextEncoder().encode('{}'), pair)
    const { alg: _, ...bare } = exportJwk(publicKeyOf(pair))
    const jwk = own === undefined ? bare : { ...bare, alg: own }
    const keys = unwrap(createKeySet({ keys: [jwk] }, { algorithms: [alg] }))
    expect(verifyJws(token, { keys, algorithms: [alg] })).toMatchObject({ ok: true })
    const key = unwrap(importKey(jwk, { alg: own ?? 'Ed25519' }))
    expect(verifyJws(token, { keys: key, algorithms: [alg] })).toMatchObject({ ok: true })
  })

  it('a policy that names one of them takes headers of that name only', () => {
    const pair = generateKey('EdDSA', { kid: 'e' })
    const token = signJws(new Uint8Array(1), pair)
    expect(verifyJws(token, { keys: publicKeyOf(pair), algorithms: ['Ed25519'] })).toEqual({
      ok: false,
      refusal: { reason: 'algorithm_not_allowed', allowed: ['Ed25519'] },
    })
  })

  it('a set for both names takes a member without alg', () => {
    const algorithms: readonly KeyAlgorithm[] = ['EdDSA', 'Ed25519', 'ES256']
    const { alg: _, ...jwk } = edKey
    expect(createKeySet({ keys: [jwk] }, { algorithms })).toMatchObject({
      value: { skipped: [], keys: [{ kind: 'public' }] },
    })
  })

  it('two keys of one kid under the two names are in conflict', () => {
    const other = exportJwk(publicKeyOf(generateKey('EdDSA', { kid: 'a' })))
    expect(read([{ ...edKey, kid: 'a' }, other], {})).toBe('key_duplicate')
  })

  it('a policy without either name refuses both', () => {
    const key = publicKeyOf(generateKey('Ed25519'))
    expect(() => verifyJws('a.b.c', { keys: key, algorithms: ['ES256'] })).toThrow('Ed25519')
  })
})

it('a modulus with a sign byte is refused by the name of its member', () => {
  const n = base64url(
    Buffer.concat([Buffer.alloc(1), Buffer.from(rsaPublicJwk.n ?? '', 'base64url')]),
  )
  expect(createKeySet({ keys: [{ ...rsaPublicJwk, alg: 'RS256', kid: 'j', n }] })).toMatchObject({
    value: { skipped: [{ kid: 'j', refusal: { reason: 'jwk_malformed', member: 'n' } }] },
  })
})
