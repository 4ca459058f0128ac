import { legible, type KeySet } from '@countersign/jwt'
import type { KeysHealth } from '../policy/key-source.ts'

/** Names the skipped keys of a set, each with the reason and its member or algorithm. */
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
export function explainMissingKeys({
  failure = 'none',
  skipped,
}: Pick<KeysHealth, 'failure' | 'skipped'>): string {
  return skipped.length === 0 ? failure : `${failure}: no usable key${listEntries(skipped)}`
}

/** Lists the skipped keys of a set and the remedy in brackets. Returns '' if none was skipped. */
export function listSkipped(set: Pick<KeySet, 'skipped'>): string {
  return listEntries(describeSkipped(set))
}

function listEntries(skipped: readonly string[]): string {
  if (skipped.length === 0) return ''
  const shown = skipped.slice(0, shownMax).join('; ')
  const isOpen = skipped.some((entry) => curable.some((reason) => entry.endsWith(reason)))
  return ` (${shown}${isOpen ? '; name it in algorithms' : ''})`
}

/** Reasons that end when the owner names the one algorithm of the issuer. */
const curable = [': algorithm_missing', ': key_reused']

/** Units: skipped keys in one line. */
const shownMax = 5
