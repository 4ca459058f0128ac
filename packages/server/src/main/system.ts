import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochSeconds } from '@countersign/jwt'

/** The clock and the randomness of the process. No other code reads them. */
export interface System {
  readonly now: () => EpochSeconds
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  readonly randomBytes: (length: number) => Uint8Array
  /**
   * Gives 128 random bits in base64url that never begin with a hyphen.
   * Why: people give ids to commands, which would read such a word as an option.
   */
  readonly randomId: () => string
  /** Gives a whole number from 0 up to, not including, the bound. */
  readonly randomBelow: (bound: number) => number
  /**
   * Waits until this moment has passed and gives the time. For a moment more than 1.5 s ahead it gives `undefined` at once.
   */
  readonly after: (moment: number) => Promise<EpochSeconds | undefined>
}

/** Gives the clock and randomness of this process. It draws many random bytes at a time, because a draw costs more than its bytes. */
export function processSystem(): System {
  let pool = Buffer.alloc(0)
  let at = 0
  const draw = (length: number): Buffer => {
    if (at + length > pool.length) {
      pool = randomBytes(Math.max(poolBytes, length))
      at = 0
    }
    at += length
    return pool.subarray(at - length, at)
  }
  const now = () => (Date.now() / 1000) as EpochSeconds
  return {
    now,
    monotonicMs: () => performance.now(),
    // Copied, so that a key does not share memory with other random bytes.
    randomBytes: (length) => new Uint8Array(draw(length)),
    randomId() {
      for (;;) {
        const id = draw(16).toString('base64url')
        if (!id.startsWith('-')) return id
      }
    },
    randomBelow: (bound) => randomInt(bound),
    async after(moment) {
      if (moment - now() > waitSecondsMax) return undefined
      while (now() < moment) await sleep(Math.ceil((moment - now()) * 1000))
      return now()
    },
  }
}

const poolBytes = 4_096
const waitSecondsMax = 1.5
