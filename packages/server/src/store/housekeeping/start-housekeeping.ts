import type { EpochSeconds } from '@countersign/jwt'
import { sealOnce, type SealerDeps } from '../../audit/sealer.ts'
import type { Store } from '../port/store.ts'

export interface HousekeepingDeps {
  /** A name that no other process has: it holds the leases. */
  readonly holder: string
  readonly seal: SealerDeps
  /** How long audit rows are kept. Units: seconds. */
  readonly retentionSeconds: number
  /** Hears what went wrong; the work is tried again at its next turn. */
  readonly onFault: (thrown: unknown) => void
}

const sealEveryMs = 400
const pruneEveryMs = 1000
/** Each step waits for its turn among the requests. */
const stepsPerTurn = 20
const dropEveryMs = 600_000
/** How long a sealer that fell silent keeps others away. Units: seconds. */
const leaseSeconds = 5

/**
 * Starts what a store needs done in the background: sealing the audit log, deleting what expired, dropping audit
 * segments past their retention. Each is a chain of small steps that never runs inside a request; none holds a process open.
 */
export function startHousekeeping(
  store: Store,
  deps: HousekeepingDeps,
): { readonly stop: () => Promise<void> } {
  const { audit } = store
  const isSealer = async () => (await audit.lease('sealer', deps.holder, leaseSeconds)) === 'held'

  async function seal(): Promise<void> {
    // A read tells that nothing waits; a lease would be a write, twice a second, for ever.
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

  const chores = [
    every(sealEveryMs, seal, deps.onFault),
    every(pruneEveryMs, prune, deps.onFault),
    every(dropEveryMs, drop, deps.onFault),
  ]
  return {
    async stop() {
      await Promise.all(chores.map((chore) => chore.stop()))
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
