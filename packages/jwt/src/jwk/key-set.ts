import { isJsonObject } from '../bytes/strict-json.ts'
import { currentName } from '../crypto/signature-algorithms.ts'
import { ok, refuse, type Result } from '../result.ts'
import { readKid } from './import-jwk.ts'
import type { Key } from './key.ts'
import { findConflicts } from './key-conflicts.ts'
import { isKeyAlgorithm, type KeyAlgorithm } from './key-shapes.ts'
import { isJwk, readMember } from './read-member.ts'
import type { KeyRefusal } from './refusal.ts'

/** The key that a token asks for. */
export interface WantedKey {
  readonly kid?: string | undefined
  readonly alg: string
  readonly use: 'sig' | 'enc'
}

/** Keys of one issuer. A set never changes; a new set replaces it. */
export interface KeySet {
  readonly keys: readonly Key[]
  /** Members that cannot be used, and why. */
  readonly skipped: readonly SkippedKey[]
  /** Finds the one key for an algorithm and a kid; without a kid, the only key. */
  readonly find: (wanted: WantedKey) => Key | undefined
}

/** A member of a set that cannot be used, and why. */
export interface SkippedKey {
  readonly kid?: string
  readonly refusal: KeyRefusal
}

/** Options of reading a set. */
export interface KeySetOptions {
  /**
   * The algorithms that the reader of the set can use. Members for others are skipped. A member without
   * `alg` is for the one of these that fits its type.
   */
  readonly algorithms?: readonly KeyAlgorithm[]
  /** Accepts private keys and secrets too: for your own set, never for a fetched one. */
  readonly acceptPrivate?: boolean
  /**
   * Skips members in conflict, and members beyond the hundredth, where the whole set would be refused.
   * For a set that others publish: a mistake in it costs only the members that it concerns.
   */
  readonly skipConflicts?: boolean
}

/**
 * Reads a JWK set.
 * Refuses: `set_malformed`, `set_too_large`, `key_duplicate` (one kid and algorithm twice), `key_reused`
 * (one key for two algorithms), `set_mixed` (secrets and key pairs in one set: secrets are private,
 * public keys are published). A member that cannot be used is listed in `skipped`, as are private keys
 * and secrets of a published set.
 * Source: RFC 7517 §5; RFC 8725 §3.1.
 */
export function createKeySet(
  jwks: unknown,
  { algorithms = [], acceptPrivate = false, skipConflicts = false }: KeySetOptions = {},
): Result<KeySet, KeyRefusal> {
  const members = readMembers(jwks)
  if (members === undefined) return refuse({ reason: 'set_malformed' })
  if (members.length > keysMax && !skipConflicts) return refuse(tooLarge)
  const rows = members.slice(0, keysMax).map((member): Row => {
    return { member, read: readMember(member, algorithms, acceptPrivate) }
  })
  const read = rows.flatMap(({ read: taken }) => (taken.ok ? [taken.value] : []))
  const mixture = findMixture(read)
  if (mixture !== undefined) return refuse(mixture)
  const conflicts = findConflicts(read)
  if (!skipConflicts) {
    const [objection] = conflicts.values()
    const ambiguity = objection ?? findAmbiguity(rows)
    if (ambiguity !== undefined) return refuse(ambiguity)
  }
  const skipped = rows.flatMap(({ member, read: taken }) => {
    const refusal = taken.ok ? conflicts.get(taken.value) : taken.refusal
    return refusal === undefined ? [] : [skip(member, refusal)]
  })
  if (members.length > keysMax) skipped.push({ refusal: tooLarge })
  return ok(
    makeSet(
      read.filter((key) => !conflicts.has(key)),
      skipped,
    ),
  )
}

/**
 * Makes a set of keys.
 * Throws: when two have one kid and algorithm, or one key serves two algorithms.
 */
export function keySetOf(keys: readonly Key[]): KeySet {
  const [objection] = findConflicts(keys).values()
  if (objection !== undefined) throw new TypeError(`keySetOf: ${objection.reason}`)
  return makeSet([...keys], [])
}

const keysMax = 100
const tooLarge: KeyRefusal = { reason: 'set_too_large', keysMax }

function makeSet(keys: readonly Key[], skipped: readonly SkippedKey[]): KeySet {
  const index = new Map<string, Key[]>()
  for (const key of keys) {
    const alg = currentName(key.alg)
    const alike = index.get(alg)
    if (alike === undefined) index.set(alg, [key])
    else alike.push(key)
  }
  const find = ({ kid, alg, use }: WantedKey): Key | undefined => {
    const alike = index.get(currentName(alg)) ?? []
    return alike[0]?.use === use ? chooseKey(alike, kid, alg) : undefined
  }
  return Object.freeze({ keys: Object.freeze(keys), skipped: Object.freeze(skipped), find })
}

/** Chooses among the keys of one algorithm; one with the wanted spelling of its name comes first. */
function chooseKey(alike: readonly Key[], kid: string | undefined, alg: string): Key | undefined {
  const named = kid === undefined ? alike : alike.filter((key) => key.kid === kid)
  const exact = named.filter((key) => key.alg === alg)
  const [first, ...others] = exact.length > 0 ? exact : named
  if (first !== undefined) return kid === undefined && others.length > 0 ? undefined : first
  // A key without a kid fits any kid, as long as it is alone.
  const [only] = alike
  return alike.length === 1 && only?.kid === undefined ? only : undefined
}

/** A member as it came, and the result of reading it. */
interface Row {
  readonly member: unknown
  readonly read: Result<Key, KeyRefusal>
}

/**
 * Two members of one kid and algorithm are ambiguous, even where one cannot be read.
 * Not checked: members for another use, or for an algorithm that was not asked for.
 */
function findAmbiguity(rows: readonly Row[]): KeyRefusal | undefined {
  const names = new Set<string>()
  for (const { member, read } of rows) {
    if (!read.ok && notMeantForUs.has(read.refusal.reason)) continue
    if (!isJwk(member) || !isKeyAlgorithm(member.alg) || readKid(member.kid) === undefined) continue
    const name = `${member.alg} ${member.kid}`
    if (names.has(name)) return { reason: 'key_duplicate' }
    names.add(name)
  }
  return undefined
}

const notMeantForUs: ReadonlySet<KeyRefusal['reason']> = new Set([
  'algorithm_not_allowed',
  'algorithm_unsupported',
  'runtime_lacks',
  'use_mismatch',
])

/** Not checked by `keySetOf`: its caller chose the use of each key. */
function findMixture(keys: readonly Key[]): KeyRefusal | undefined {
  const secrets = keys.filter(({ kind }) => kind === 'secret').length
  return secrets > 0 && secrets < keys.length ? { reason: 'set_mixed' } : undefined
}

function readMembers(jwks: unknown): readonly unknown[] | undefined {
  if (!isJsonObject(jwks)) return undefined
  const { keys } = jwks
  return Array.isArray(keys) ? keys : undefined
}

function skip(member: unknown, refusal: KeyRefusal): SkippedKey {
  const kid = isJsonObject(member) ? readKid(member['kid']) : undefined
  return kid === undefined ? { refusal } : { kid, refusal }
}
