import { Buffer } from 'node:buffer'
import { sign, verify, type KeyObject } from 'node:crypto'

/**
 * Tells whether a private EC key belongs to a public one, by a signature that stays inside.
 * Why: Node 20, 22 and 24 trust the point that comes with a private key; newer ones compute it. The hash
 * is SHA-512 on every curve, because Deno takes no shorter one on P-521.
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
