import { decodeBase64url } from '../bytes/base64url.ts'
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
  const [n, e, d, p, q] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q].map(toInteger)
  if (n === undefined || e === undefined || d === undefined) return false
  if (p === undefined || q === undefined || p <= 1n || q <= 1n) return false
  return n === p * q && (d * e) % (p - 1n) === 1n && (d * e) % (q - 1n) === 1n
}

/** The integer that a base64url text spells, `undefined` for none. */
export function toInteger(base64url: string | undefined): bigint | undefined {
  const hex = decodeBase64url(base64url ?? '')?.toString('hex') ?? ''
  return hex === '' ? undefined : BigInt(`0x${hex}`)
}
