import { waitUntil } from './exact-wait.ts'

/**
 * Units: milliseconds. Longer than a query and a signature take, on a busy machine too. The part above 10 leaves the
 * usual work time before the timer of 10 ms begins.
 */
const refusalMs = 10.4

interface Outcome {
  readonly ok: boolean
}

/**
 * Runs a check. It gives a refusal at a fixed time after the check began, and a success at once.
 * Why: an unknown name and a wrong secret cost different work, and the time of an answer would distinguish them.
 * Not checked: work that takes longer than that time.
 */
export function refuseEvenly<Checked extends Outcome>(
  check: () => Checked | Promise<Checked>,
): Checked | Promise<Checked> {
  const until = performance.now() + refusalMs
  const finish = (checked: Checked): Checked | Promise<Checked> =>
    checked.ok ? checked : waitUntil(until).then(() => checked)
  const checked = check()
  return checked instanceof Promise ? checked.then(finish) : finish(checked)
}
