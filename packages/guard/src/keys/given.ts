import { createKeySet, keySetOf, type JwsAlgorithm, type Key, type KeySet } from '@countersign/jwt'
import type { GivenKeys } from '../policy/issuers.ts'
import type { KeyHolder } from '../policy/key-source.ts'
import { describeSkipped, listSkipped } from './missing-keys.ts'

/**
 * Holds keys that the owner gave, or takes from a source in this process; never fetches.
 * Throws: TypeError when there is no key that could prove anything.
 */
export function holdGivenKeys(given: GivenKeys, algorithms: readonly JwsAlgorithm[]): KeyHolder {
  if ('keySet' in given) {
    const { keySet } = given
    return { current: keySet, health: () => describe(keySet()), close: () => undefined }
  }
  const set = toKeySet(given, algorithms)
  if (set.keys.some(({ kind }) => kind === 'private'))
    throw new TypeError('keys holds a private key; a guard is given public ones')
  if (!set.keys.some((key) => fitsAny(key, algorithms)))
    throw new TypeError(`keys holds no key that this policy could use${listSkipped(set)}`)
  return { current: () => set, health: () => describe(set), close: () => undefined }
}

function toKeySet(
  given: Exclude<GivenKeys, { keySet: unknown }>,
  algorithms: readonly JwsAlgorithm[],
): KeySet {
  if (isList(given)) return keySetOf(given)
  if ('find' in given) return given
  if ('alg' in given) return keySetOf([given])
  const made = createKeySet(given, { algorithms })
  if (!made.ok) throw new TypeError(`keys is no usable key set: ${made.refusal.reason}`)
  return made.value
}

/** Whether a key verifies one of the algorithms, under either name of an algorithm that has two. */
function fitsAny(key: Key, algorithms: readonly JwsAlgorithm[]): boolean {
  const alone = keySetOf([key])
  return algorithms.some((alg) => alone.find({ alg, use: 'sig' }) !== undefined)
}

function isList(given: object): given is readonly Key[] {
  return Array.isArray(given)
}

function describe(set: KeySet) {
  return {
    state: 'static',
    keys: set.keys.length,
    skipped: describeSkipped(set),
    ageSeconds: 0,
    fetches: 0,
  } as const
}
