import { publicMaterial, type KeyObject } from '../crypto/key-objects.ts'
import type { Jwk } from './jwk.ts'
import { makeKey, materialOf, type Key } from './key.ts'

/**
 * Writes a key as a JWK with its `alg`, `use` and `kid`: the public half unless `private` is asked for.
 * Throws: for a secret without `private`, and for a public key with it.
 * Source: RFC 7517 §4, §9.3.
 */
export function exportJwk(key: Key, options: { readonly private?: boolean } = {}): Jwk {
  const wantsPrivate = options.private === true
  if (key.kind === 'secret' && !wantsPrivate) {
    throw new TypeError('exportJwk: a secret has no public half; ask for private')
  }
  if (key.kind === 'public' && wantsPrivate) {
    throw new TypeError('exportJwk: this is a public key, it has no private half')
  }
  const material = wantsPrivate ? materialOf(key) : publicHalf(key)
  const { kty = '', ...members } = material.export({ format: 'jwk' })
  const { alg, use, kid } = key
  return { kty, ...members, alg, use, ...(kid === undefined ? {} : { kid }) }
}

/**
 * The public half of a key, under the same algorithm and kid; a public key is its own.
 * Throws: for a secret.
 */
export function publicKeyOf(key: Key): Key {
  if (key.kind === 'secret') throw new TypeError('publicKeyOf: a secret has no public half')
  return key.kind === 'public' ? key : makeKey(key.alg, key.kid, publicHalf(key))
}

function publicHalf(key: Key): KeyObject {
  const material = materialOf(key)
  return key.kind === 'public' ? material : publicMaterial(material)
}
