import { beginWait } from './exact-wait.ts'

/** Units: milliseconds. Longer than a query and a signature take, on a busy machine too. */
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
 * Runs a check. It gives a refusal at a fixed time after the check began, and a success at once. A refusal after that
 * time is given at the next multiple of it.
 * Why: an unknown name and a wrong secret cost different work, and the time of an answer would distinguish them.
 */
export function refuseEvenly<Checked extends Outcome>(
  check: (same: SameWork) => Checked | Promise<Checked>,
): Checked | Promise<Checked> {
  const began = performance.now()
  let laterMs = 0
  const same: SameWork = async (work, behindMs) => {
    const workBegan = performance.now()
    try {
      const result = await work()
      laterMs += behindMs?.(result) ?? 0
      return result
    } finally {
      laterMs += performance.now() - workBegan
    }
  }
  const checked = check(same)
  if (!(checked instanceof Promise) && checked.ok) return checked
  return endEvenly(checked, began, () => laterMs)
}

async function endEvenly<Checked extends Outcome>(
  checking: Checked | Promise<Checked>,
  began: number,
  laterMs: () => number,
): Promise<Checked> {
  const wait = beginWait(began, refusalMs)
  try {
    const checked = await checking
    if (!checked.ok) await wait.end(laterMs())
    return checked
  } finally {
    wait.cancel()
  }
}
