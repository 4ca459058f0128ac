import { Buffer } from 'node:buffer'

import { publicMaterial, type KeyObject } from '../crypto/key-objects.ts'

/**
 * Tells whether a private key belongs to a public one.
 * Why: a key whose halves disagree signs what nobody can verify, and may leak the private half; the
 * runtime does not compare the exponents of an RSA key.
 * Source: RFC 8017 §3.2; RFC 8725 §3.5.
 */
export function privateKeyAgrees(privateKey: KeyObject, publicKey: KeyObject): boolean {
  if (!publicMaterial(privateKey).equals(publicKey)) return false
  if (privateKey.asymmetricKeyType !== 'rsa') return true
  const jwk = privateKey.export({ format: 'jwk' })
  const [n, e, d, p, q] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q].map(toInteger) as Five<bigint>
  const fitting = p > 1n && q > 1n && n === p * q
  return fitting && (d * e) % (p - 1n) === 1n && (d * e) % (q - 1n) === 1n
}

type Five<T> = [T, T, T, T, T]

/** The integer that a member of the runtime's own export spells; none is zero. */
export function toInteger(base64url: string | undefined): bigint {
  return BigInt(`0x0${Buffer.from(String(base64url), 'base64url').toString('hex')}`)
}
