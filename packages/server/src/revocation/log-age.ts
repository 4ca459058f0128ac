import type { EpochSeconds } from '@countersign/jwt'

export interface LogAgeDeps {
  readonly now: () => EpochSeconds
  readonly monotonicMs: () => number
  /** The age from which this process may not answer from memory. */
  readonly secondsMax: number
}

/** How long ago this process last read the whole revocation log. */
export interface LogAge {
  /** Runs a read of the log; a read that succeeds makes the log as young as its start. */
  readonly during: (read: () => Promise<void>) => Promise<void>
  readonly isTooOld: () => boolean
}

/**
 * Measures the age of the revocation log in memory. It is too old until the first read.
 * Why two clocks: the monotonic one stops while a machine is suspended, and the wall clock may be set back.
 */
export function createLogAge({ now, monotonicMs, secondsMax }: LogAgeDeps): LogAge {
  let readAtSeconds = -Infinity
  let readAtMs = -Infinity
  return {
    async during(read) {
      const seconds = now()
      const ms = monotonicMs()
      await read()
      if (ms < readAtMs) return
      readAtSeconds = seconds
      readAtMs = ms
    },
    isTooOld: () =>
      monotonicMs() - readAtMs > secondsMax * 1000 || now() - readAtSeconds > secondsMax,
  }
}
