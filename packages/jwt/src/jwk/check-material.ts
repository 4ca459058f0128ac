import { decodeBase64url } from '../bytes/base64url.ts'
import { factsOf, type KeyObject } from '../crypto/key-objects.ts'
import { namesItsCurve } from '../crypto/named-curve.ts'
import { hasRocaFingerprint, isWeakPoint } from '../crypto/weak-keys.ts'
import { ok, refuse, type Result } from '../result.ts'
import { keyShapes, rsaBitsMax, type KeyAlgorithm, type KeyShape } from './key-shapes.ts'
import { describeMaterial } from './looks-like.ts'
import { toInteger } from './private-key-agrees.ts'
import type { KeyRefusal } from './refusal.ts'

/**
 * Checks that a key is of the kind an algorithm needs, and strong.
 * Refuses: `key_wrong_kind`, `key_too_short`, `key_too_long`, `rsa_exponent_weak`, `rsa_modulus_weak`,
 * `point_weak`, `point_invalid` (a curve that is spelled out instead of named).
 * Source: RFC 7518 §3.2, §3.3, §4.3; RFC 8725 §3.5; CVE-2017-15361 (ROCA).
 */
export function checkMaterial(key: KeyObject, alg: KeyAlgorithm): Result<true, KeyRefusal> {
  const shape = keyShapes[alg]
  const { kty, name, bits } = factsOf(key)
  const fits = shape.names.length === 0 ? kty === shape.kty : shape.names.includes(name)
  if (!fits) {
    const needs = `${alg} needs ${shape.needs}`
    return refuse({ reason: 'key_wrong_kind', needs, looksLike: describeMaterial(key) })
  }
  if (kty === 'oct') return checkSecret(bits, shape)
  if (kty === 'RSA') return checkRsa(key, bits, shape.bitsMin)
  if (kty === 'OKP') return checkPoint(key, name)
  if (kty === 'EC' && !namesItsCurve(key)) return refuse({ reason: 'point_invalid', curve: name })
  return ok(true)
}

function checkSecret(bits: number, { bitsMin, bitsExactly }: KeyShape): Result<true, KeyRefusal> {
  if (!(bits >= bitsMin)) return refuse({ reason: 'key_too_short', bits, bitsMin })
  if (bitsExactly === undefined) {
    return bits <= secretBitsMax
      ? ok(true)
      : refuse({ reason: 'key_too_long', bits, bitsMax: secretBitsMax })
  }
  if (bitsExactly.includes(bits)) return ok(true)
  return refuse({ reason: 'key_too_long', bits, bitsMax: Math.max(...bitsExactly) })
}

const secretBitsMax = 65_536

function checkRsa(key: KeyObject, bits: number, bitsMin: number): Result<true, KeyRefusal> {
  if (!(bits >= bitsMin)) return refuse({ reason: 'key_too_short', bits, bitsMin })
  if (!(bits <= rsaBitsMax)) return refuse({ reason: 'key_too_long', bits, bitsMax: rsaBitsMax })
  const { n, e } = key.export({ format: 'jwk' })
  const exponent = toInteger(e)
  if (exponent < 3n || exponent % 2n === 0n || exponent >= 2n ** 64n) {
    return refuse({ reason: 'rsa_exponent_weak' })
  }
  const modulus = toInteger(n)
  return modulus % 2n === 0n || hasRocaFingerprint(modulus)
    ? refuse({ reason: 'rsa_modulus_weak' })
    : ok(true)
}

function checkPoint(key: KeyObject, curve: string): Result<true, KeyRefusal> {
  const { x = '' } = key.export({ format: 'jwk' })
  const point = decodeBase64url(x)
  return point === undefined || isWeakPoint(curve, point)
    ? refuse({ reason: 'point_weak', curve })
    : ok(true)
}
