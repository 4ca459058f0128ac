import { createHash, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { runtimeOffers } from '../crypto/key-objects.ts'
import { exportJwk, publicKeyOf } from './export-jwk.ts'
import { generateKey } from './generate-key.ts'
import { importKey } from './import-key.ts'
import { keyShapes, type KeyAlgorithm } from './key-shapes.ts'
import { ec } from './key.samples.ts'
import { thumbprint } from './thumbprint.ts'
import { unwrap } from '../jwt/jwt-refused.ts'

describe('keys are made and written', () => {
  const offered = (Object.keys(keyShapes) as KeyAlgorithm[]).filter((alg) =>
    keyShapes[alg].names.every(runtimeOffers),
  )

  it.each(offered)('%s is the same key after export and import', (alg) => {
    const key = generateKey(alg)
    const again = unwrap(importKey(exportJwk(key, { private: true }), { alg }))
    expect(again).toMatchObject({ alg, kid: key.kid, kind: key.kind })
    expect(Object.keys(JSON.parse(JSON.stringify(key)) as object)).toEqual([
      'alg',
      'kid',
      'use',
      'kind',
    ])
    if (key.kind === 'secret') return
    const jwk = exportJwk(key)
    expect(thumbprint(jwk)).toBe(key.kid)
    expect(['d', 'p', 'q', 'dp', 'dq', 'qi', 'priv'].filter((name) => name in jwk)).toEqual([])
    expect(publicKeyOf(publicKeyOf(key)).kind).toBe('public')
  })

  it('with a kid, a curve or a size of choice', () => {
    expect(generateKey('ES256', { kid: 'mine' }).kid).toBe('mine')
    expect(exportJwk(generateKey('ECDH-ES', { curve: 'P-384' })).crv).toBe('P-384')
    expect(exportJwk(generateKey('dir', { bits: 512 }), { private: true }).k?.length).toBe(86)
  })

  it('throw on misuse', () => {
    expect(() => generateKey('none' as 'HS256')).toThrow('does not exist')
    expect(() => generateKey('ES256', { kid: '' })).toThrow('kid')
    expect(() => generateKey('ES256', { curve: 'P-384' })).toThrow('not used with')
    expect(() => generateKey('A128KW', { bits: 256 })).toThrow('no secret of 256 bits')
    expect(() => exportJwk(generateKey('HS256'))).toThrow('no public half')
    expect(() => publicKeyOf(generateKey('HS256'))).toThrow('no public half')
    expect(() => exportJwk(publicKeyOf(generateKey('ES256')), { private: true })).toThrow(
      'no private half',
    )
    expect(() => exportJwk({ alg: 'ES256', kid: 'a', use: 'sig', kind: 'private' })).toThrow(
      'not a key',
    )
    expect(() => thumbprint({ kty: 'XX' })).toThrow('unknown type')
    expect(() => thumbprint({ kty: 'EC', crv: 'P-256' })).toThrow('has no x')
  })

  it('a thumbprint is that of RFC 7638 §3.1', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const jwk = { kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }
    expect(thumbprint(jwk)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
    const shared = { kty: 'oct', k: 'AAAA' }
    const input = '{"k":"AAAA","kty":"oct"}'
    expect(thumbprint(shared)).toBe(createHash('sha256').update(input).digest('base64url'))
  })

  it('the public half of a private key is its own', () => {
    const key = unwrap(importKey(ec.privateKey, { alg: 'ES256' }))
    const { x } = createPublicKey(ec.privateKey).export({ format: 'jwk' })
    expect(exportJwk(publicKeyOf(key)).x).toBe(x)
  })
})
