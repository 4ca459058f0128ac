import { randomBytes } from 'node:crypto'
import type { EpochSeconds } from '@countersign/jwt'

/** Time and randomness, read nowhere else. */
export interface Surroundings {
  readonly now: () => EpochSeconds
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  readonly randomBytes: (length: number) => Uint8Array
  /** 128 bits, base64url. */
  readonly randomId: () => string
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
  return {
    now: () => (Date.now() / 1000) as EpochSeconds,
    monotonicMs: () => performance.now(),
    // Copied, because whoever keeps a key keeps only its own bytes.
    randomBytes: (length) => new Uint8Array(draw(length)),
    randomId: () => draw(16).toString('base64url'),
  }
}

const poolBytes = 4_096
