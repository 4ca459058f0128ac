import { createKeySet, keySetOf, type JwsAlgorithm, type Key, type KeySet } from '@countersign/jwt'
import type { GivenKeys } from '../policy/issuers.ts'
import type { KeyHolder } from '../policy/key-source.ts'
import { describeSkipped, listSkipped } from './missing-keys.ts'

/**
 * Holds keys that the owner passed, or reads them from a source in this process. It never fetches.
 * Throws: TypeError for a private key, and if no key verifies an algorithm of the policy.
 */
export function holdGivenKeys(given: GivenKeys, algorithms: readonly JwsAlgorithm[]): KeyHolder {
  if ('keySet' in given) {
    const { keySet } = given
    return { current: keySet, health: () => describeGiven(keySet()), close: () => undefined }
  }
  const set = toKeySet(given, algorithms)
  if (set.keys.some(({ kind }) => kind === 'private'))
    throw new TypeError('keys holds a private key: pass public keys to a guard')
  if (!set.keys.some((key) => fitsAny(key, algorithms)))
    throw new TypeError(`keys holds no key for the algorithms of this policy${listSkipped(set)}`)
  return { current: () => set, health: () => describeGiven(set), close: () => undefined }
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

/** Whether a key verifies one of the algorithms. An algorithm with two names matches under either. */
function fitsAny(key: Key, algorithms: readonly JwsAlgorithm[]): boolean {
  const alone = keySetOf([key])
  return algorithms.some((alg) => alone.find({ alg, use: 'sig' }) !== undefined)
}

function isList(given: object): given is readonly Key[] {
  return Array.isArray(given)
}

function describeGiven(set: KeySet) {
  return {
    state: 'static',
    keys: set.keys.length,
    skipped: describeSkipped(set),
    ageSeconds: 0,
    fetches: 0,
  } as const
}
