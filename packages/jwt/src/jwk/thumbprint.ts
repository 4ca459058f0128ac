import { sha256Base64url } from '../crypto/key-objects.ts'
import type { Jwk } from './jwk.ts'

/**
 * Computes the SHA-256 thumbprint of a JWK, as base64url.
 * Throws: when the type is unknown or a member that counts is missing.
 * Not checked: the key itself; a thumbprint only names a key.
 * Source: RFC 7638 §3; RFC 8037 §2 (OKP); RFC 9964 §3 (AKP).
 */
export function thumbprint(jwk: Jwk): string {
  const members = countingMembers.get(jwk.kty)
  if (members === undefined) throw new TypeError('thumbprint: a JWK of an unknown type')
  const counting = members.map((name) => {
    const value = jwk[name]
    if (typeof value !== 'string') throw new TypeError(`thumbprint: the JWK has no ${name}`)
    return `${JSON.stringify(name)}:${JSON.stringify(value)}`
  })
  return sha256Base64url(`{${counting.join(',')}}`)
}

/** In lexicographic order, as they are hashed. */
const countingMembers: ReadonlyMap<string, readonly string[]> = new Map([
  ['oct', ['k', 'kty']],
  ['RSA', ['e', 'kty', 'n']],
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['AKP', ['alg', 'kty', 'pub']],
])
