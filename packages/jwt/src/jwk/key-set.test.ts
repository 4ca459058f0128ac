import { describe, expect, it } from 'vitest'
import { exportJwk } from './export-jwk.ts'
import { generateKey } from './generate-key.ts'
import { importKey } from './import-key.ts'
import { type Jwk } from './jwk.ts'
import { createKeySet, keySetOf } from './key-set.ts'
import { rsaPublicJwk, ecJwk, ecPublicJwk, edPublicJwk, secret, base64url } from './key.samples.ts'
import { unwrap } from '../jwt/jwt-refused.ts'

describe('key sets', () => {
  const member = (alg: 'ES256' | 'Ed25519', kid: string): Jwk =>
    exportJwk(generateKey(alg, { kid }))

  it('find by kid and algorithm, and without a kid only where there is no choice', () => {
    const set = unwrap(
      createKeySet({ keys: [member('ES256', 'a'), member('ES256', 'b'), member('Ed25519', 'a')] }),
    )
    expect(set.find({ kid: 'a', alg: 'ES256', use: 'sig' })?.kid).toBe('a')
    expect(set.find({ kid: 'c', alg: 'ES256', use: 'sig' })).toBeUndefined()
    expect(set.find({ alg: 'ES256', use: 'sig' })).toBeUndefined()
    expect(set.find({ alg: 'Ed25519', use: 'sig' })?.kid).toBe('a')
    expect(set.find({ alg: 'Ed25519', use: 'enc' })).toBeUndefined()
    expect(set.find({ kid: '__proto__', alg: 'constructor', use: 'sig' })).toBeUndefined()
  })

  it('let a key without a kid fit any kid, as long as it is alone', () => {
    const key = unwrap(importKey(secret, { alg: 'HS256' }))
    expect(keySetOf([key]).find({ kid: 'any', alg: 'HS256', use: 'sig' })).toBe(key)
  })

  it('choose the algorithm of a member without alg from a list of the owner', () => {
    const jwks = { keys: [{ ...rsaPublicJwk, kid: 'r' }] }
    expect(unwrap(createKeySet(jwks, { algorithms: ['RS256'] })).keys[0]?.alg).toBe('RS256')
    expect(unwrap(createKeySet(jwks, { algorithms: ['RS256', 'PS256'] })).keys).toEqual([])
    const curve = { keys: [{ ...ecPublicJwk, kid: 'e' }] }
    const both = unwrap(createKeySet(curve, { algorithms: ['ES384', 'ES256'] }))
    expect(both.keys[0]?.alg).toBe('ES256')
    expect(unwrap(createKeySet({ keys: [{ ...ecPublicJwk, use: 'enc' }] })).skipped).toMatchObject([
      { refusal: { reason: 'algorithm_missing' } },
    ])
  })

  it('skip and list members that they cannot use', () => {
    const jwks = {
      keys: [
        null,
        5,
        { kid: 'x' },
        { kty: 'oct', k: base64url(secret), kid: 's' },
        member('ES256', 'a'),
      ],
    }
    const set = unwrap(createKeySet(jwks))
    expect(set.keys.map(({ kid }) => kid)).toEqual(['a'])
    expect(set.skipped.map(({ kid }) => kid)).toEqual([undefined, undefined, 'x', 's'])
  })

  it('accept private keys, or secrets, in an own set', () => {
    const kinds = (...keys: Jwk[]) =>
      unwrap(createKeySet({ keys }, { acceptPrivate: true })).keys.map(({ kind }) => kind)
    const hmac = (kid: string) => exportJwk(generateKey('HS256', { kid }), { private: true })
    expect(kinds({ ...ecJwk, alg: 'ES256' })).toEqual(['private'])
    expect(kinds(hmac('a'), hmac('b'))).toEqual(['secret', 'secret'])
  })

  it('throw for keys in conflict when put together by hand', () => {
    const key = unwrap(importKey(rsaPublicJwk, { alg: 'RS256', kid: 'a' }))
    const again = unwrap(importKey(rsaPublicJwk, { alg: 'PS256', kid: 'b' }))
    expect(() => keySetOf([key, key])).toThrow('key_duplicate')
    expect(() => keySetOf([key, again])).toThrow('key_reused')
    expect(createKeySet(undefined)).toMatchObject({ refusal: { reason: 'set_malformed' } })
  })

  it('accept one key under both names of its algorithm', () => {
    const named = (alg: 'EdDSA' | 'Ed25519') => unwrap(importKey(edPublicJwk, { alg, kid: 'a' }))
    expect(keySetOf([named('EdDSA'), named('Ed25519')]).keys.length).toBe(2)
  })
})
