import { Buffer } from 'node:buffer'
import { sign, verify, type KeyObject } from 'node:crypto'

/**
 * Tells whether a private EC key is that of a public one, by a signature that nobody sees.
 * Why: Node 20, 22 and 24 believe the point that stands beside a private key; only newer ones compute it.
 * SHA-512 on every curve, for Deno takes no shorter one on P-521.
 * Source: NIST SP 800-56A §5.6.2.1.4 (assurance of pair-wise consistency).
 */
export function signsFor(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const text = Buffer.from('countersign', 'latin1')
  try {
    return verify('sha512', text, publicKey, sign('sha512', text, privateKey))
  } catch {
    return false
  }
}
