import { isJsonObject } from '../bytes/strict-json.ts'
import {
  isKeyObject,
  runtimeOffers,
  secretMaterial,
  type KeyObject,
} from '../crypto/key-objects.ts'
import { ok, refuse, type Result } from '../result.ts'
import { checkMaterial } from './check-material.ts'
import { importJwk, readKid } from './import-jwk.ts'
import type { Jwk } from './jwk.ts'
import { makeKey, type Key } from './key.ts'
import { isKeyAlgorithm, keyShapes, type KeyAlgorithm } from './key-shapes.ts'
import { looksLike } from './looks-like.ts'
import { checkHalves } from './private-key-agrees.ts'
import { publicKeyIn } from './public-key-in.ts'
import { readText } from './read-text.ts'
import type { KeyRefusal } from './refusal.ts'

/** The use of a key. `kid` overrides the one of a JWK. */
export interface ImportOptions {
  readonly alg: KeyAlgorithm
  readonly kid?: string
  readonly use?: 'sig' | 'enc'
}

/**
 * Reads a key in any of its formats and binds it to one algorithm.
 * Takes: JWK (object or text), PEM (PKCS#8, SPKI, PKCS#1, SEC1, certificate), DER bytes, and the
 * runtime's KeyObject. PEM with escaped newlines, base64 and hex are read too, and bytes or text (as
 * UTF-8) as secrets. PEM may have text around it and parameters next to it, but only one key.
 * Refuses: every reason of `KeyRefusal` that concerns one key; weak keys and keys for something else.
 * Throws: on an `alg` that does not exist here.
 * Source: RFC 7517; RFC 7518 §3, §4, §6; RFC 8037; RFC 9964; RFC 8725 §3.2, §3.5.
 */
export function importKey(
  material: string | Uint8Array | Jwk | KeyObject,
  options: ImportOptions,
): Result<Key, KeyRefusal> {
  const { alg, kid } = options
  if (!isKeyAlgorithm(alg)) throw new TypeError(sayUnknown(alg))
  const shape = keyShapes[alg]
  const { use = shape.use } = options
  if (use !== shape.use) return refuse({ reason: 'use_mismatch', use: shape.use })
  if (kid !== undefined && readKid(kid) === undefined) {
    return refuse({ reason: 'jwk_malformed', member: 'kid' })
  }
  if (!shape.names.every(runtimeOffers)) return refuse({ reason: 'runtime_lacks', alg })
  const read = readMaterial(material, alg)
  if (!read.ok) return read
  const found = read.value
  if ('jwk' in found) return importJwk(found.jwk, alg, kid)
  const checked = checkMaterial(found.key, alg)
  if (!checked.ok) return checked
  const halves = checkHalves(found.key, alg)
  return halves.ok ? ok(makeKey(alg, kid, found.key)) : halves
}

/** RSA-OAEP hashes with SHA-1. */
function sayUnknown(alg: unknown): string {
  const instead = alg === 'RSA-OAEP' ? ': use RSA-OAEP-256' : ''
  return `importKey: this alg does not exist here${instead}`
}

type Found = { readonly key: KeyObject } | { readonly jwk: Jwk }

function readMaterial(
  material: string | Uint8Array | Jwk | KeyObject,
  alg: KeyAlgorithm,
): Result<Found, KeyRefusal> {
  if (isKeyObject(material)) {
    const disguised = material.type === 'secret' ? publicKeyIn(material.export()) : undefined
    return disguised === undefined ? ok({ key: material }) : refuse(disguised)
  }
  if (typeof material !== 'string' && !(material instanceof Uint8Array)) {
    return isJsonObject(material) ? ok({ jwk: material }) : unreadable(material, alg)
  }
  const found = readText(material)
  const wantsSecret = keyShapes[alg].kty === 'oct'
  if (found === undefined) {
    if (!wantsSecret) return unreadable(material, alg)
    return ok({ key: secretMaterial(typeof material === 'string' ? utf8(material) : material) })
  }
  if (!wantsSecret) return 'foreign' in found ? unreadable(material, alg) : ok(found)
  if ('jwk' in found) {
    if (found.jwk.kty === 'oct') return ok(found)
  }
  return refuse({ reason: 'public_key_as_secret', looksLike: looksLike(material) })
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function unreadable(material: unknown, alg: KeyAlgorithm): Result<never, KeyRefusal> {
  const { needs } = keyShapes[alg]
  return refuse({
    reason: 'key_unreadable',
    needs: `${alg} needs ${needs}`,
    looksLike: looksLike(material),
  })
}
