import { createHmac, timingSafeEqual } from 'node:crypto'

/** The nonces that DPoP proofs must carry. */
export interface DpopNonces {
  /** Gives the nonce to send with each answer. */
  readonly current: () => string
  readonly check: (nonce: string) => 'fresh' | 'stale'
}

/** Units: seconds. A nonce is fresh in its own period and in the next one. */
const periodSeconds = 120
const tagBytes = 16

/**
 * Makes nonces of the number of a period and a tag. Every node with the same secret knows them without a row.
 * Why: someone who has the key for a moment cannot make proofs for later, because they lack the later nonces.
 * Source: RFC 9449 §8.
 */
export function createDpopNonces(deps: {
  readonly secret: Uint8Array
  readonly now: () => number
}): DpopNonces {
  let made = { period: -1, text: '' }

  function nonceOf(period: number): string {
    const bytes = Buffer.alloc(6 + tagBytes)
    bytes.writeUIntBE(period, 0, 6)
    const mac = createHmac('sha256', deps.secret).update('dpop nonce').update(bytes.subarray(0, 6))
    bytes.set(mac.digest().subarray(0, tagBytes), 6)
    return bytes.toString('base64url')
  }

  return {
    current() {
      const period = Math.floor(deps.now() / periodSeconds)
      if (made.period !== period) made = { period, text: nonceOf(period) }
      return made.text
    },
    check(nonce) {
      const period = Math.floor(deps.now() / periodSeconds)
      const given = Buffer.from(nonce, 'latin1')
      const known = [period, period - 1].some((number) => {
        const expected = Buffer.from(nonceOf(number), 'latin1')
        return expected.length === given.length && timingSafeEqual(expected, given)
      })
      return known ? 'fresh' : 'stale'
    },
  }
}
