import { legible } from '../bytes/legible.ts'
import { isJsonObject } from '../bytes/strict-json.ts'
import { runtimeOffers } from '../crypto/key-objects.ts'
import { currentName } from '../crypto/signature-algorithms.ts'
import { ok, refuse, type Result } from '../result.ts'
import { importJwk, withoutBlanks } from './import-jwk.ts'
import type { Jwk } from './jwk.ts'
import type { Key } from './key.ts'
import { isKeyAlgorithm, keyShapes, type KeyAlgorithm } from './key-shapes.ts'
import { looksLike } from './looks-like.ts'
import type { KeyRefusal } from './refusal.ts'

/**
 * Reads one member of a JWK set and chooses its algorithm.
 * Refuses: a private key or secret unless asked for; an algorithm that is missing, not here or not among
 * `algorithms`; every reason of `importJwk`.
 * Source: RFC 7517 §4, §5.
 */
export function readMember(
  given: unknown,
  algorithms: readonly KeyAlgorithm[],
  acceptPrivate: boolean,
): Result<Key, KeyRefusal> {
  if (!isJwk(given)) return refuse({ reason: 'jwk_malformed', member: 'kty' })
  const member = withoutBlanks(given)
  if (!acceptPrivate && privateMembers.some((name) => Object.hasOwn(member, name))) {
    return refuse({ reason: 'private_key_exposed', looksLike: looksLike(member) })
  }
  const alg = member.alg === undefined ? choose(member, algorithms) : allow(member.alg, algorithms)
  if (!alg.ok) return alg
  if (!keyShapes[alg.value].names.every(runtimeOffers)) {
    return refuse({ reason: 'runtime_lacks', alg: alg.value })
  }
  return importJwk(member, alg.value)
}

/** Tells whether a value is an object with a type of key. The rest of it is not checked. */
export function isJwk(value: unknown): value is Jwk {
  return isJsonObject(value) && typeof value['kty'] === 'string'
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** The algorithm that the member names, if the reader of the set can use it. */
function allow(
  alg: unknown,
  algorithms: readonly KeyAlgorithm[],
): Result<KeyAlgorithm, KeyRefusal> {
  if (!isKeyAlgorithm(alg)) {
    const named = typeof alg === 'string' ? { alg: legible(alg, algLettersMax) } : {}
    return refuse({ reason: 'algorithm_unsupported', ...named })
  }
  const isAllowed = algorithms.some((allowed) => currentName(allowed) === currentName(alg))
  return isAllowed || algorithms.length === 0
    ? ok(alg)
    : refuse({ reason: 'algorithm_not_allowed', alg })
}

/** Units: letters of a refusal's facts. */
const algLettersMax = 32

/** The one algorithm that fits a member without `alg`. */
function choose(
  member: Jwk,
  algorithms: readonly KeyAlgorithm[],
): Result<KeyAlgorithm, KeyRefusal> {
  const { kty, crv, use } = member
  const candidates = algorithms.length > 0 ? algorithms : (soleAlgorithm.get(`${kty} ${crv}`) ?? [])
  const ofKind = candidates.filter((candidate) => {
    const { names, kty: type } = keyShapes[candidate]
    return names.length === 0 ? type === kty : crv !== undefined && names.includes(crv)
  })
  if (algorithms.length > 0 && ofKind.length === 0) {
    const needs = `an algorithm of ${algorithms.join(', ')}`
    return refuse({ reason: 'key_wrong_kind', needs, looksLike: looksLike(member) })
  }
  const fitting = ofKind.filter(
    (candidate) => use === undefined || use === keyShapes[candidate].use,
  )
  const [wanted] = algorithms
  if (fitting.length === 0 && wanted !== undefined)
    return refuse({ reason: 'use_mismatch', use: keyShapes[wanted].use })
  const names = new Set(fitting.map(currentName))
  const [only] = fitting
  return only === undefined || names.size > 1 ? refuse({ reason: 'algorithm_missing' }) : ok(only)
}

/** Types of key that have one signature algorithm only. */
const soleAlgorithm: ReadonlyMap<string, readonly KeyAlgorithm[]> = new Map([
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['Ed25519']],
  ['OKP Ed448', ['Ed448']],
] as const)
