import { sha256Base64url } from '../crypto/key-objects.ts'
import { ok, refuse, type Result } from '../result.ts'
import { importJwk, readKid } from './import-jwk.ts'
import type { Jwk } from './jwk.ts'
import { materialOf, type Key } from './key.ts'
import { isKeyAlgorithm, keyShapes, type KeyAlgorithm } from './key-shapes.ts'
import { looksLike } from './looks-like.ts'
import type { KeyRefusal } from './refusal.ts'
import { runtimeOffers } from '../crypto/key-objects.ts'

/** What a token asks for. */
export interface WantedKey {
  readonly kid?: string | undefined
  readonly alg: string
  readonly use: 'sig' | 'enc'
}

/** Keys of one issuer; it never changes, a new set takes its place. */
export interface KeySet {
  readonly keys: readonly Key[]
  /** Members that were not taken, and why. */
  readonly skipped: readonly SkippedKey[]
  /** The one key for an algorithm and a kid; without a kid only when there is no choice. */
  readonly find: (wanted: WantedKey) => Key | undefined
}

/** A member of a set that was not taken, and why. */
export interface SkippedKey {
  readonly kid?: string
  readonly refusal: KeyRefusal
}

/** How a set is read. */
export interface KeySetOptions {
  /** Says which algorithm a member without `alg` is for: the one of these that fits its type. */
  readonly algorithms?: readonly KeyAlgorithm[]
  /** Takes private keys and secrets too: for a set of one's own, never for one that was fetched. */
  readonly acceptPrivate?: boolean
}

/**
 * Reads a JWK set.
 * Refuses: `set_malformed`, `set_too_large`, `key_duplicate` (one kid and algorithm twice), `key_reused`
 * (one key for two algorithms), `set_mixed` (secrets beside key pairs: one of the two was meant for
 * nobody else, or for all). A member that cannot be used is skipped and listed in `skipped`, among them
 * private keys and secrets, which have no place in a published set.
 * Source: RFC 7517 §5; RFC 8725 §3.1.
 */
export function createKeySet(
  jwks: unknown,
  { algorithms = [], acceptPrivate = false }: KeySetOptions = {},
): Result<KeySet, KeyRefusal> {
  const members = readMembers(jwks)
  if (members === undefined) return refuse({ reason: 'set_malformed' })
  if (members.length > keysMax) return refuse({ reason: 'set_too_large', keysMax })
  const keys: Key[] = []
  const skipped: SkippedKey[] = []
  for (const member of members) {
    const taken = takeMember(member, algorithms, acceptPrivate)
    if (taken.ok) keys.push(taken.value)
    else skipped.push(skip(member, taken.refusal))
  }
  const objection = findConflict(keys) ?? findAmbiguity(members) ?? findMixture(keys)
  return objection === undefined ? ok(makeSet(keys, skipped)) : refuse(objection)
}

/**
 * Puts keys together to a set.
 * Throws: when two have one kid and algorithm, or one key serves two algorithms.
 */
export function keySetOf(keys: readonly Key[]): KeySet {
  const objection = findConflict(keys)
  if (objection !== undefined) throw new TypeError(`keySetOf: ${objection.reason}`)
  return makeSet([...keys], [])
}

const keysMax = 100

function makeSet(keys: readonly Key[], skipped: readonly SkippedKey[]): KeySet {
  const index = new Map<string, Key[]>()
  for (const key of keys) {
    const alike = index.get(key.alg)
    if (alike === undefined) index.set(key.alg, [key])
    else alike.push(key)
  }
  const find = ({ kid, alg, use }: WantedKey): Key | undefined => {
    const alike = index.get(alg) ?? []
    const fitting = alike[0]?.use === use ? alike : []
    if (kid === undefined) return fitting.length === 1 ? fitting[0] : undefined
    // A key that was given no name answers to any, as long as it is alone.
    return (
      fitting.find((key) => key.kid === kid) ??
      (fitting.length === 1 && fitting[0]?.kid === undefined ? fitting[0] : undefined)
    )
  }
  return Object.freeze({ keys: Object.freeze(keys), skipped: Object.freeze(skipped), find })
}

function findConflict(keys: readonly Key[]): KeyRefusal | undefined {
  const names = new Set<string>()
  const algorithmsByMaterial = new Map<string, string>()
  for (const key of keys) {
    const name = `${key.alg} ${key.kid ?? ''}`
    if (names.has(name)) return { reason: 'key_duplicate' }
    names.add(name)
    if (keys.length === 1) continue
    const mark = fingerprint(key)
    const alg = key.alg === 'EdDSA' ? 'Ed25519' : key.alg
    if ((algorithmsByMaterial.get(mark) ?? alg) !== alg) return { reason: 'key_reused' }
    algorithmsByMaterial.set(mark, alg)
  }
  return undefined
}

/** Two members of one kid and algorithm leave open which is meant, even where one cannot be used. */
function findAmbiguity(members: readonly unknown[]): KeyRefusal | undefined {
  const names = new Set<string>()
  for (const member of members) {
    if (!isJwk(member) || !isKeyAlgorithm(member.alg) || readKid(member.kid) === undefined) continue
    const name = `${member.alg} ${member.kid}`
    if (names.has(name)) return { reason: 'key_duplicate' }
    names.add(name)
  }
  return undefined
}

/** Not checked by `keySetOf`: whoever puts keys together one by one has said what each is for. */
function findMixture(keys: readonly Key[]): KeyRefusal | undefined {
  const secrets = keys.filter(({ kind }) => kind === 'secret').length
  return secrets > 0 && secrets < keys.length ? { reason: 'set_mixed' } : undefined
}

const fingerprints = new WeakMap<Key, string>()

/** Names the public half, so that a private key and its public one are seen to be the same. */
function fingerprint(key: Key): string {
  const known = fingerprints.get(key)
  if (known !== undefined) return known
  const {
    kty = '',
    n = '',
    x = '',
    y = '',
    k = '',
    ...rest
  } = materialOf(key).export({ format: 'jwk' })
  const pub: unknown = Reflect.get(rest, 'pub') ?? ''
  const mark = sha256Base64url(JSON.stringify([kty, n, x, y, k, pub]))
  fingerprints.set(key, mark)
  return mark
}

function readMembers(jwks: unknown): readonly unknown[] | undefined {
  if (!isObject(jwks)) return undefined
  const { keys } = jwks
  return Array.isArray(keys) ? keys : undefined
}

function takeMember(
  member: unknown,
  algorithms: readonly KeyAlgorithm[],
  acceptPrivate: boolean,
): Result<Key, KeyRefusal> {
  if (!isJwk(member)) return refuse({ reason: 'jwk_malformed', member: 'kty' })
  if (!acceptPrivate && privateMembers.some((name) => Object.hasOwn(member, name))) {
    return refuse({ reason: 'private_key_exposed', looksLike: looksLike(member) })
  }
  const alg = chooseAlgorithm(member, algorithms)
  if (!alg.ok) return alg
  if (!keyShapes[alg.value].names.every(runtimeOffers)) {
    return refuse({ reason: 'runtime_lacks', alg: alg.value })
  }
  return importJwk(member, alg.value)
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

function chooseAlgorithm(
  { kty, crv, alg, use }: Jwk,
  algorithms: readonly KeyAlgorithm[],
): Result<KeyAlgorithm, KeyRefusal> {
  if (alg !== undefined) {
    return isKeyAlgorithm(alg) ? ok(alg) : refuse({ reason: 'algorithm_unsupported' })
  }
  const candidates = algorithms.length > 0 ? algorithms : (soleAlgorithm.get(`${kty} ${crv}`) ?? [])
  const fitting = candidates.filter((candidate) => {
    const shape = keyShapes[candidate]
    if (use !== undefined && use !== shape.use) return false
    return shape.names.length === 0
      ? shape.kty === kty
      : crv !== undefined && shape.names.includes(crv)
  })
  const [only, ...others] = fitting
  return only === undefined || others.length > 0
    ? refuse({ reason: 'algorithm_missing' })
    : ok(only)
}

/** Types of key that have one signature algorithm only. */
const soleAlgorithm: ReadonlyMap<string, readonly KeyAlgorithm[]> = new Map([
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['Ed25519']],
  ['OKP Ed448', ['Ed448']],
] as const)

function skip(member: unknown, refusal: KeyRefusal): SkippedKey {
  const kid = isObject(member) ? readKid(member['kid']) : undefined
  return kid === undefined ? { refusal } : { kid, refusal }
}

function isJwk(value: unknown): value is Jwk {
  return isObject(value) && typeof value['kty'] === 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
