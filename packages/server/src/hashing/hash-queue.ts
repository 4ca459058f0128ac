/** Runs a hash when its turn comes; `undefined` at once when too many wait. */
export type HashQueue = <T>(work: () => Promise<T>) => Promise<T | undefined>

/**
 * Makes the bounded queue in front of slow hashes. One process has one.
 * Why: each hash takes 19 MiB and milliseconds, so a flood of guesses must wait or be refused.
 */
export function createHashQueue(limits: {
  readonly runningMax: number
  readonly waitingMax: number
}): HashQueue {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= limits.runningMax) {
      if (waiting.length >= limits.waitingMax) return undefined
      await new Promise<void>((resolve) => void waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

/**
 * The hashes that run at one time: one fewer than the cores, and at least one.
 * Why: the core that is left answers all other requests.
 */
export function hashesAtOnce(processors: number, max: number): number {
  return Math.max(1, Math.min(processors - 1, max))
}
