import { generateKeyPairSync } from 'node:crypto'

import type { Jwk } from './jwk.ts'

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const ed = generateKeyPairSync('ed25519')
export const rsaJwk = jwkOf(rsa.privateKey.export({ format: 'jwk' }))
export const rsaPublicJwk = jwkOf(rsa.publicKey.export({ format: 'jwk' }))
export const ecJwk = jwkOf(ec.privateKey.export({ format: 'jwk' }))
export const ecPublicJwk = jwkOf(ec.publicKey.export({ format: 'jwk' }))
export const edPublicJwk = jwkOf(ed.publicKey.export({ format: 'jwk' }))
export const spki = { type: 'spki', format: 'pem' } as const
export const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
export const secret = Buffer.alloc(32, 9)

/** Gives an export of the runtime the type of a JWK. */
export function jwkOf(jwk: object): Jwk {
  return jwk as Jwk
}

/** Writes bytes as base64url. */
export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

/** An export of the runtime, as text. */
export function text(value: string | Buffer): string {
  return value.toString()
}

/** An export of the runtime, as bytes. */
export function bytesOf(value: string | Buffer): Buffer {
  return Buffer.from(value)
}

/** The little-endian bytes of a number, as curve points are written. */
export function littleEndian(value: bigint): string {
  return base64url(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed())
}

/** A self-signed certificate for tests, and the key it is for. */
export const certificatePem = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUJIFT7VLHDiyjuVa3qmcr5mR8aagwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjMyMTU4NTFaGA8yMTI2MTAzMDIxNTg1
MVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKwB
ed08et4NcVATKM16CmM3oLHb+ocYILWlUZZIHCqWhX5eX9vbuYj+pttnuzwv3wbO
/nQ32an655BZA+yk9CCjUzBRMB0GA1UdDgQWBBTfgmfh/njksqaCiYNWOZnXom/j
IjAfBgNVHSMEGDAWgBTfgmfh/njksqaCiYNWOZnXom/jIjAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIFtW7BXfYKpc8oV0xA/kuHm7rM9L1nfqho0k
PcR11DWxAiB05BC6a0RflW/pWR2jyllY/YZU6YQjmQtFYdvQ9z4yUA==
-----END CERTIFICATE-----
`

export const certificatePrivatePem = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZTKY6gfm6IjvpQmT
CeWbn0DunswAvfJoIEQOEZUDRXahRANCAASsAXndPHreDXFQEyjNegpjN6Cx2/qH
GCC1pVGWSBwqloV+Xl/b27mI/qbbZ7s8L98Gzv50N9mp+ueQWQPspPQg
-----END PRIVATE KEY-----
`

/**
 * A number with the fingerprint of the ROCA generator: two products of its form, multiplied.
 * Why: a real broken modulus is somebody's key.
 */
export function rocaModulus(): string {
  const primes = [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n, 59n, 61n]
  const more = [67n, 71n, 73n, 79n, 83n, 89n, 97n, 101n, 103n, 107n, 109n, 113n, 127n, 131n, 137n]
  const last = [139n, 149n, 151n, 157n, 163n, 167n]
  const product = [2n, ...primes, ...more, ...last].reduce((all, prime) => all * prime, 1n)
  const modulus = (1n << 2047n) - ((1n << 2047n) % product) + product + 65_537n
  return Buffer.from(modulus.toString(16), 'hex').toString('base64url')
}
