import { waitUntil } from './exact-wait.ts'

/**
 * Units: milliseconds. Longer than a query and a signature take, on a busy machine too. The fraction gives the usual works,
 * up to 0.9 ms, a timer of the same length.
 */
const refusalMs = 11.65

interface Outcome {
  readonly ok: boolean
}

/**
 * Runs work that costs the same for each outcome of a check. The refusal is given later by the time that it took, and by
 * the milliseconds that `behindMs` finds missing.
 */
export type SameWork = <T>(work: () => Promise<T>, behindMs?: (result: T) => number) => Promise<T>

/**
 * Runs a check. It gives a refusal at a fixed time after the check began, and a success at once.
 * Why: an unknown name and a wrong secret cost different work, and the time of an answer would distinguish them.
 * Not checked: work that takes longer than that time, except the work that runs as `same`.
 */
export function refuseEvenly<Checked extends Outcome>(
  check: (same: SameWork) => Checked | Promise<Checked>,
): Checked | Promise<Checked> {
  let until = performance.now() + refusalMs
  const same: SameWork = async (work, behindMs) => {
    const began = performance.now()
    try {
      const result = await work()
      until += behindMs?.(result) ?? 0
      return result
    } finally {
      until += performance.now() - began
    }
  }
  const finish = (checked: Checked): Checked | Promise<Checked> =>
    checked.ok ? checked : waitUntil(until).then(() => checked)
  const checked = check(same)
  return checked instanceof Promise ? checked.then(finish) : finish(checked)
}
