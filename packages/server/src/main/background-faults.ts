import { faultFacts, type Log } from '../http/log.ts'

/** Units: milliseconds in which one and the same fault is said once. */
const onceMs = 60_000
/** Units: different faults remembered. */
const kindsMax = 100

/**
 * Says what failed in the background, the same fault once a minute with how often it came.
 * Why: while a database is away each poll fails; a line for each would bury what else happens.
 */
export function createBackgroundFaults(
  log: Pick<Log, 'error'>,
  monotonicMs: () => number,
): (fault: unknown) => void {
  const said = new Map<string, { at: number; repeats: number }>()
  return (fault) => {
    const facts = faultFacts(fault)
    const kind = `${facts['fault']} ${facts['detail']}`
    const last = said.get(kind)
    const now = monotonicMs()
    if (last !== undefined && now - last.at < onceMs) {
      last.repeats += 1
      return
    }
    if (said.size >= kindsMax) said.clear()
    said.set(kind, { at: now, repeats: 0 })
    log.error({ ...facts, repeats: last?.repeats ?? 0 }, 'work in the background failed')
  }
}
