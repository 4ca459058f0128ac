import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signJws } from '../jws/sign-jws.ts'
import { verifyJws } from '../jws/verify-jws.ts'
import { importKey } from './import-key.ts'
import { type Jwk } from './jwk.ts'
import { type KeyAlgorithm } from './key-shapes.ts'
import {
  rsa,
  ec,
  ed,
  ecJwk,
  ecPublicJwk,
  edPublicJwk,
  rsaPublicJwk,
  spki,
  pkcs8,
  secret,
  base64url,
  text,
  bytesOf,
  certificatePem,
  certificatePrivatePem,
} from './key.samples.ts'
import { unwrap } from '../jwt/jwt-refused.ts'

describe('a key is read from every spelling', () => {
  const privatePem = text(ec.privateKey.export(pkcs8))
  const publicPem = text(rsa.publicKey.export(spki))
  const rows: readonly [string, KeyAlgorithm, string | Uint8Array | Jwk, string][] = [
    ['PKCS#8', 'ES256', privatePem, 'private'],
    ['SEC1', 'ES256', text(ec.privateKey.export({ type: 'sec1', format: 'pem' })), 'private'],
    [
      'PKCS#1 private',
      'RS256',
      text(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' })),
      'private',
    ],
    [
      'PKCS#1 public',
      'RS256',
      text(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })),
      'public',
    ],
    ['SPKI', 'PS384', publicPem, 'public'],
    ['SPKI with white space around', 'RS256', `\n  ${publicPem}\n\n`, 'public'],
    ['SPKI with CRLF', 'RS256', publicPem.replaceAll('\n', '\r\n'), 'public'],
    ['escaped newlines', 'ES256', privatePem.replaceAll('\n', '\\n'), 'private'],
    ['escaped CRLF', 'ES256', privatePem.replaceAll('\n', '\\r\\n'), 'private'],
    ['base64 of PEM', 'ES256', Buffer.from(privatePem).toString('base64'), 'private'],
    [
      'base64 of DER',
      'RS256',
      rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      'public',
    ],
    ['PEM as bytes', 'RS256', Buffer.from(publicPem), 'public'],
    ['DER SPKI', 'RS256', bytesOf(rsa.publicKey.export({ type: 'spki', format: 'der' })), 'public'],
    [
      'DER PKCS#1 public',
      'RS256',
      bytesOf(rsa.publicKey.export({ type: 'pkcs1', format: 'der' })),
      'public',
    ],
    [
      'DER PKCS#8',
      'Ed25519',
      bytesOf(ed.privateKey.export({ type: 'pkcs8', format: 'der' })),
      'private',
    ],
    [
      'DER SEC1',
      'ES256',
      bytesOf(ec.privateKey.export({ type: 'sec1', format: 'der' })),
      'private',
    ],
    [
      'DER PKCS#1 private',
      'RS256',
      bytesOf(rsa.privateKey.export({ type: 'pkcs1', format: 'der' })),
      'private',
    ],
    ['certificate', 'ES256', certificatePem, 'public'],
    ['DER certificate', 'ES256', new X509Certificate(certificatePem).raw, 'public'],
    ['JWK', 'ES256', ecJwk, 'private'],
    ['JWK with e = 3', 'RS256', { ...rsaPublicJwk, e: 'Aw' }, 'public'],
    ['JWK with e of 64 bits', 'RS256', { ...rsaPublicJwk, e: '__________8' }, 'public'],
    ['JWK as text', 'EdDSA', JSON.stringify(edPublicJwk), 'public'],
    ['secret bytes', 'HS256', secret, 'secret'],
    ['secret text', 'HS256', 'a text of more than thirty-two characters', 'secret'],
    [
      'JWK of a secret as text',
      'HS256',
      JSON.stringify({ kty: 'oct', k: base64url(secret) }),
      'secret',
    ],
  ]

  it.each(rows)('%s for %s', (_, alg, material, kind) => {
    expect(unwrap(importKey(material, { alg, kid: 'a' }))).toMatchObject({ alg, kid: 'a', kind })
  })

  it('the runtime’s own KeyObject', () => {
    expect(unwrap(importKey(ec.publicKey, { alg: 'ES256' })).kind).toBe('public')
  })

  it('a certificate and its private key belong together', () => {
    const token = signJws('x', unwrap(importKey(certificatePrivatePem, { alg: 'ES256' })))
    const keys = unwrap(importKey(certificatePem, { alg: 'ES256' }))
    expect(verifyJws(token, { keys, algorithms: ['ES256'] }).ok).toBe(true)
  })

  it('the kid of a JWK, unless another is given', () => {
    const jwk = { ...ecPublicJwk, kid: 'own', use: 'sig', key_ops: ['verify'] }
    expect(unwrap(importKey(jwk, { alg: 'ES256' })).kid).toBe('own')
    expect(unwrap(importKey(jwk, { alg: 'ES256', kid: 'given' })).kid).toBe('given')
  })
})
