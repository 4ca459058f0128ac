import type { EpochSeconds } from '@countersign/jwt'
import { sealOnce, type SealerDeps } from '../../audit/sealer.ts'
import type { Store } from '../port/store.ts'

const byTheService = { requestId: 'housekeeping', address: null, actor: 'system' } as const

export interface HousekeepingDeps {
  /** A name that no other process has. It takes the leases under this name. */
  readonly holder: string
  readonly seal: SealerDeps
  /** How long audit rows are kept. Units: seconds. */
  readonly retentionSeconds: number
  /** Is called with each failure; the work is tried again at its next turn. */
  readonly onFault: (thrown: unknown) => void
}

const sealEveryMs = 400
const pruneEveryMs = 1000
/** Each step waits for its turn among the requests. */
const stepsPerTurn = 20
const dropEveryMs = 600_000
const eraseEveryMs = 5_000
/** How long the lease of a sealer lasts that no longer renews it. Units: seconds. */
const leaseSeconds = 5

/**
 * Starts the background work of a store: seals the audit log, deletes expired rows, drops audit segments past their
 * retention,
 * erases users whose wait is over. Each task is a chain of small steps that never runs inside a request. None of them keeps a process alive.
 */
export function startHousekeeping(
  store: Store,
  deps: HousekeepingDeps,
): { readonly stop: () => Promise<void> } {
  const { audit } = store
  const isSealer = async () => (await audit.lease('sealer', deps.holder, leaseSeconds)) === 'held'

  async function seal(): Promise<void> {
    // A read shows that nothing waits. Taking the lease first would be a write, twice a second, for ever.
    if ((await audit.unsealed(1)).waiting === 0 || !(await isSealer())) return
    for (let left = 1; left > 0;) {
      const { sealed, waiting } = await sealOnce(audit, deps.seal)
      left = sealed === 0 ? 0 : waiting
    }
  }

  async function prune(): Promise<void> {
    for (let step = 0; step < stepsPerTurn; step += 1) {
      if ((await store.prune()).done) return
    }
  }

  async function drop(): Promise<void> {
    if (!(await isSealer())) return
    const before = (deps.seal.now() - deps.retentionSeconds) as EpochSeconds
    while ((await audit.dropSegment(before)) === 'dropped');
  }

  async function erase(): Promise<void> {
    while ((await store.account.eraseDue(byTheService)) === 'erased');
  }

  const tasks = [
    every(sealEveryMs, seal, deps.onFault),
    every(pruneEveryMs, prune, deps.onFault),
    every(dropEveryMs, drop, deps.onFault),
    every(eraseEveryMs, erase, deps.onFault),
  ]
  return {
    async stop() {
      await Promise.all(tasks.map((task) => task.stop()))
    },
  }
}

/** Runs work again and again, with a pause after each end. */
function every(
  pauseMs: number,
  work: () => Promise<void>,
  onFault: (thrown: unknown) => void,
): { stop(): Promise<void> } {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let timer = setTimeout(turn, pauseMs).unref()
  function turn(): void {
    running = rest()
  }
  async function rest(): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      onFault(thrown)
    }
    if (!stopped) timer = setTimeout(turn, pauseMs).unref()
  }
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
