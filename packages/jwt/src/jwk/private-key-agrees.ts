import { Buffer } from 'node:buffer'

import { publicMaterial, writeJwkMaterial, type KeyObject } from '../crypto/key-objects.ts'
import { signsFor } from '../crypto/private-half.ts'
import { ok, refuse, type Result } from '../result.ts'
import { describeMaterial } from './looks-like.ts'
import type { KeyRefusal } from './refusal.ts'

/**
 * Checks a private key from a file as strictly as its JWK; public keys and secrets pass.
 * Refuses: `key_inconsistent`; `key_unreadable` for an ML-DSA key without its seed, which has no JWK, and for an
 * RSA key of more than two primes.
 * Why: files carry a public half too, and the runtime trusts it.
 * Source: RFC 5915 §3; RFC 8017 §A.1.2; RFC 9964 §3.
 */
export function checkHalves(key: KeyObject, alg: string): Result<true, KeyRefusal> {
  if (key.type !== 'private') return ok(true)
  const jwk = writeJwkMaterial(key)
  if (jwk === undefined) {
    const needs = `${alg} needs a key with its seed`
    return refuse({ reason: 'key_unreadable', needs, looksLike: describeMaterial(key) })
  }
  if (jwk['oth'] !== undefined) {
    const needs = `${alg} needs an RSA key of two primes`
    const looksLike = `${describeMaterial(key)} and more primes`
    return refuse({ reason: 'key_unreadable', needs, looksLike })
  }
  const agrees = privateKeyAgrees(key, publicMaterial(key))
  return agrees ? ok(true) : refuse({ reason: 'key_inconsistent' })
}

/**
 * Tells whether a private key belongs to a public one.
 * Why: nobody can verify the signatures of a key whose halves disagree, and they may leak the private
 * half. Runtimes do not compare the exponents of an RSA key, and some not the halves of an EC key.
 * Source: RFC 8017 §3.2; RFC 8725 §3.5.
 */
export function privateKeyAgrees(privateKey: KeyObject, publicKey: KeyObject): boolean {
  if (!publicMaterial(privateKey).equals(publicKey)) return false
  if (privateKey.asymmetricKeyType === 'ec') return signsFor(privateKey, publicKey)
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
