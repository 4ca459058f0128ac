import { explainRefusal } from '../explain-refusal.ts'
import type { GuardReason, GuardRefusal } from '../refusal.ts'

/** The page that explains each reason. */
export const whyPage = 'docs/why-was-i-refused.md'

/** Units: seconds between two warnings of one reason. */
const pauseSeconds = 60

/**
 * Writes why requests are refused, with the found and expected values: one line for each reason and minute.
 * Why: memory and lines are bounded by the number of reasons, and a flood of refusals costs one comparison each.
 */
export function createRefusalWarnings(
  write: (line: string) => void,
  monotonic: () => number,
): (refusal: GuardRefusal) => void {
  const written = new Map<GuardReason, { readonly at: number; more: number }>()
  return (refusal) => {
    const { reason } = refusal
    const last = written.get(reason)
    const now = monotonic()
    if (last !== undefined && now - last.at < pauseSeconds) {
      last.more += 1
      return
    }
    written.set(reason, { at: now, more: 0 })
    const count = last === undefined || last.more === 0 ? '' : `, and ${last.more} more before`
    write(`countersign: ${explainRefusal(refusal)}${count} (${whyPage})`)
  }
}
