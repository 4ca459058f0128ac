import { constantTimeEqual, type EpochSeconds } from '@countersign/jwt'
import { createHmac, randomBytes } from 'node:crypto'
import type { NonceSource } from './options.ts'

/** Units: bytes. */
const secretBytesMin = 32

/**
 * Makes nonces without a memory: a MAC over the time slot. The nonce of the slot before is still accepted.
 * Units: `everySeconds`, how long a slot lasts; `secret`, at least 32 bytes.
 * Throws: TypeError for a secret that is too short, or a slot without an end.
 * Why: processes that share the secret accept each other's nonces.
 */
export function createNonces({
  secret = randomBytes(32),
  everySeconds = 120,
}: { readonly secret?: Uint8Array; readonly everySeconds?: number } = {}): NonceSource {
  if (!(secret instanceof Uint8Array) || secret.length < secretBytesMin)
    throw new TypeError(`the secret of nonces is ${secretBytesMin} bytes or more`)
  if (!Number.isFinite(everySeconds) || everySeconds <= 0)
    throw new TypeError('everySeconds of nonces is a number above 0')
  const nonceOf = (slot: number): string =>
    createHmac('sha256', secret).update(`dpop-nonce ${slot}`).digest('base64url')
  const slotOf = (now: EpochSeconds): number => Math.floor(now / everySeconds)
  return {
    issue: (now) => nonceOf(slotOf(now)),
    accepts: (nonce, now) =>
      [0, 1].some((back) => constantTimeEqual(nonce, nonceOf(slotOf(now) - back))),
  }
}
