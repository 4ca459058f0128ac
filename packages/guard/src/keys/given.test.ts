import { exportJwk, generateKey, publicKeyOf, type JwsAlgorithm } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { holdGivenKeys } from './given.ts'

const rsa = exportJwk(publicKeyOf(generateKey('RS256', { kid: 'a' })))
const { alg: _, ...bare } = rsa
const ec = exportJwk(publicKeyOf(generateKey('ES256', { kid: 'e' })))
const all: readonly JwsAlgorithm[] = ['RS256', 'PS256', 'ES256']

it.each<[string, readonly object[], readonly JwsAlgorithm[], string]>([
  [
    'no alg, several algorithms',
    [bare],
    all,
    'keys holds no key for the algorithms of this policy (a: algorithm_missing; name it in algorithms)',
  ],
  [
    'another algorithm',
    [rsa],
    ['ES256'],
    'keys holds no key for the algorithms of this policy (a: algorithm_not_allowed RS256)',
  ],
  [
    'a broken member',
    [{ ...ec, x: 'AA' }],
    all,
    'keys holds no key for the algorithms of this policy (e: jwk_malformed x)',
  ],
  ['no key', [], all, 'keys holds no key for the algorithms of this policy'],
  ['one key for two algorithms', [rsa, { ...rsa, alg: 'PS256' }], all, 'key_reused'],
])(
  'given keys without a usable key throw an error that names the reason: %s',
  (_name, keys, algorithms, text) => {
    expect(() => holdGivenKeys({ keys }, algorithms)).toThrow(text)
  },
)

it('a given set with one usable key is accepted, and health names the other keys', () => {
  const holder = holdGivenKeys({ keys: [rsa, { ...rsa, alg: 'RS512' }, ec] }, ['RS256'])
  expect(holder.health()).toMatchObject({
    keys: 1,
    skipped: ['a: algorithm_not_allowed RS512', 'e: algorithm_not_allowed ES256'],
  })
})

it.each<[JwsAlgorithm & ('EdDSA' | 'Ed25519'), JwsAlgorithm]>([
  ['EdDSA', 'Ed25519'],
  ['Ed25519', 'EdDSA'],
])('a key for %s is accepted for a policy that names %s', (alg, allowed) => {
  const key = publicKeyOf(generateKey(alg))
  expect(holdGivenKeys(key, [allowed]).current()?.keys).toEqual([key])
})
