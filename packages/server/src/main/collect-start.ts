import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The functions of the runtime that the collection needs. */
export interface CollectStartDeps {
  /** The share of the time since the last call in which the process worked, 0 to 1. */
  readonly load: () => number
  /** Returns unused memory to the system. Takes some tens of milliseconds. */
  readonly collect: () => void
  readonly every: (run: () => void, seconds: number) => () => void
}

/** Units: a share of the time. Below it a pause delays no request. */
const quietLoad = 0.1

/** Units: seconds. */
const checkSeconds = 1
const checksMax = 30

/**
 * Returns the memory that only the start needed, once, in the first quiet second. Returns the function that cancels it.
 * Why: V8 itself does this after a minute. Until then a process at rest holds 10 MB more.
 * Not checked: a process that is never quiet in the first half minute keeps the memory, and needs it.
 */
export function collectStart(deps: CollectStartDeps): () => void {
  let checks = 0
  deps.load()
  const cancel = deps.every(() => {
    checks += 1
    const isQuiet = deps.load() <= quietLoad
    if (isQuiet || checks >= checksMax) cancel()
    if (isQuiet) deps.collect()
  }, checkSeconds)
  return cancel
}

/** The functions of this process. On engines other than V8 the collection does nothing. */
export const runtimeCollection: CollectStartDeps = {
  load: createLoad(),
  collect: () => {
    setFlagsFromString('--expose-gc')
    const gc: unknown = runInNewContext('typeof gc === "function" ? gc : undefined')
    setFlagsFromString('--no-expose-gc')
    if (typeof gc === 'function') gc({ type: 'major', flavor: 'last-resort' })
  },
  every: (run, seconds) => {
    const timer = setInterval(run, seconds * 1000).unref()
    return () => clearInterval(timer)
  },
}

/** Not every runtime counts the work of its event loop. One that does not counts as busy, so nothing is collected. */
function createLoad(): () => number {
  if (!('eventLoopUtilization' in performance)) return () => 1
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
