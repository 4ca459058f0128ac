import { faultFacts, type Log } from '../http/log.ts'
import { isStoreFault, type StoreFault } from '../store/port/fault.ts'

/** Units: milliseconds. The same fault is logged once in this time. */
const onceMs = 60_000
/** Units: different faults that are kept. */
const kindsMax = 100

/**
 * Logs faults of background work; the same fault once a minute, with its number of repeats. Faults of the store go to the
 * log of outages.
 * Why: work that fails at each turn would hide other lines.
 */
export function createBackgroundFaults(
  log: Pick<Log, 'error'>,
  monotonicMs: () => number,
  onStoreFault: (fault: StoreFault) => void,
): (fault: unknown) => void {
  const logged = new Map<string, { at: number; repeats: number }>()
  return (fault) => {
    if (isStoreFault(fault)) return onStoreFault(fault)
    const facts = faultFacts(fault)
    const kind = `${String(facts['fault'])} ${String(facts['detail'])}`
    const last = logged.get(kind)
    const now = monotonicMs()
    if (last !== undefined && now - last.at < onceMs) {
      last.repeats += 1
      return
    }
    if (logged.size >= kindsMax) logged.clear()
    logged.set(kind, { at: now, repeats: 0 })
    log.error({ ...facts, repeats: last?.repeats ?? 0 }, 'work in the background failed')
  }
}
