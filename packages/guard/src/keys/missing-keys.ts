import type { KeySet } from '@countersign/jwt'
import type { KeysHealth } from '../policy/key-source.ts'
import { legible } from '../refusal.ts'

/** Names the keys of a set that were skipped, each with the reason and the member or algorithm that it concerns. */
export function describeSkipped(set: Pick<KeySet, 'skipped'> | undefined): readonly string[] {
  return (set?.skipped ?? []).map(({ kid = '?', refusal }) => {
    const fact =
      'member' in refusal
        ? ` ${refusal.member}`
        : refusal.reason === 'algorithm_not_allowed'
          ? ` ${refusal.alg}`
          : ''
    return `${legible(kid, 64)}: ${refusal.reason}${fact}`
  })
}

/** Explains in one line why there is no key: the last failure, the skipped keys and the remedy. */
export function explainMissingKeys({ failure = 'none', skipped }: KeysHealth): string {
  if (skipped.length === 0) return failure
  const shown = skipped.slice(0, shownMax).join('; ')
  const isNameless = skipped.some((entry) => entry.endsWith(': algorithm_missing'))
  const remedy = isNameless ? '; name it in algorithms' : ''
  return `${failure}: no usable key (${shown}${remedy})`
}

/** Units: skipped keys in one line. */
const shownMax = 5
