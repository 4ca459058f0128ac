import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EpochSeconds } from '@countersign/jwt'

/** Time and randomness, read nowhere else. */
export interface Surroundings {
  readonly now: () => EpochSeconds
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  readonly randomBytes: (length: number) => Uint8Array
  /**
   * 128 random bits, base64url, never with a hyphen first.
   * Why: people give ids to commands, ours and others', which take such a word for an option.
   */
  readonly randomId: () => string
  /** A whole number from 0 up to, not including, the bound. */
  readonly randomBelow: (bound: number) => number
  /**
   * Resolves with the time once this moment has passed; at once with nothing where it lies further ahead than anybody
   * should be kept waiting.
   */
  readonly after: (moment: number) => Promise<EpochSeconds | undefined>
}

/** Those of an ordinary process; random bytes are drawn many at a time, because each draw costs more than its bytes. */
export function processSurroundings(): Surroundings {
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
    // Copied, because whoever keeps a key keeps only its own bytes.
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
