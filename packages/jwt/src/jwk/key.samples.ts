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

/** An RSA key of three primes for tests, made by `openssl genrsa -primes 3 2048`. */
export const threePrimesPem = `-----BEGIN PRIVATE KEY-----
MIIE8gIBADANBgkqhkiG9w0BAQEFAASCBNwwggTYAgEBAoIBAQDK1xZ4GnaE1Y/f
hxIUp72iWrm81/Ky3XTNSACKHbmpwaRzetWxaoSE3Sv+dusEJZjD1n5xOwJk3rvW
R4Q1/wYfdQrAsiZwD3f0JJ/+EzZRYe6n4nYTZWIk4w7OwYYDY09Tvi9H812xMaeK
u4ms4PXEZepcZq20146eNHo83cU1O0oXq1xkQ9wQkKO+dH3/Hz0k4NtT0RBEGAIE
QS5fx2FKVc9YU6wp/s/guF+7ns6IjYUNC8ONqMs+h0/iVOgfDDzEfTtqbcKlGhqU
s3YuPPtqSkCYp+D3ok4Y8F3oZDc/vUN9Td4y/jegFRh1QNH5t1oSKbu0ZZiqXxnH
FK5vL3InAgMBAAECggEAAcILd88C5/PR42YQSg2KHzYaFgDpIZO5x22wU4IecdIz
0qxl3bvGmkAweWwebVLGGCxrvB9+zdEAX8MO6kjjjLI+/ZyNqLr5lywaFuGjvuDS
aLIVw+RUjYYGziu36W4Klo0VjU2pl4BojE9gzbcS0XUAAbaQKf8XZurqXe1Okxke
2EB/FWkMplAbcjL+jRgMHJbZ8XG8t4UAHIa0exhEhm2iw0b7xMaGgyrMheVSLHC5
Ams6M0zNfChjZ6SU3qp/mos+56bbDa6QUef/8kmn3sF5ZdcaVlNA4U7ojsMVpcVL
8ujLGy2/tK24H8SGjbbwS/JByGnkAIh/RnPPa4vsAQJWB1FT+UB16cf2hk+2FWOX
p6RzccxNpLqT5owWas0tZvgFyVQs3ObKivbYVwpRpuHjMEqf9lBQBRGSlugNtmBt
IqQKHL8WybqaxwJ0bQuTruZaJE2JQEsCVgclMy7FAQdCetgOSGLhLeXu8k4gd6Mg
IhTnuJMl9QIMTtnUehar92EbHTQneUs3YCu6uEtMjdmLcq6Vf1LfwbHTGlZpIiP4
qHakYbstduXm0KiosIGRAlYCCps9ntEGTiWlJJmsb+M//m3CYneKrA5Us+IRG3o+
DpU2rEfzvGLmz6Rc6+EJiFzj/P2RLqiUMWnOtaAVr+LiVhcIG/sUff1t5W5reV5S
3apqFENk7wJWBc3BdQuveiYVgciYIzij/0/GoI7enjFLfY957Iu4JqG4qlZblG65
0LYlUmd9rgqcouhXKVJVJY6O6B+l+7qjqby+d9GNWYpvy25Zs5+KI9MHSPc75wEC
VgNLjj3NRukka7LmN+5p3gu5uDNaPz1kpFSLnXT4MP7oARy6LHFv0ukBI+t4xgwP
mEo5gLKqy1zv0VwZNpZCcGHkHoerD6FSyzPw8JYE2pAilwhPnfv8MIIBCzCCAQcC
VgPhHQ8sedFgY8MdJO4QzkXF+fhZcziLZrzBcD62sMEhKN+6JC8lWtTT9CAzKi/X
dNqk8wmhhaecs2QkHt3XtLwMoU0ssaF2398ImRklB0F6vsGsE5hFAlUvTyUT51G0
F8yJrOKyZkEopznPeQ+uhFxlkqVKKq1omPvfcC3Wx7bvyedmyJGy39wyk2lYCnfr
nRgeKGJFDlUO/PgiMuwQL6X+UNzDyM6zvDaZre1JAlYAm/sdloZrkOdG6EgQd7P8
vAdMbmMrXqTzHFvn36Z61EJqaldtHGnUyqQ673TziabApsiNT7eRfaSJlpaCnish
X/Jk4HwaUCNDMA0sbXUkSdRqaK85dA==
-----END PRIVATE KEY-----
`
