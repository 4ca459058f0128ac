import { createPublicKey, type KeyObject } from 'node:crypto'

/**
 * Tells whether an EC key names its curve, rather than spelling the curve's parameters out.
 * Why: a sender who may spell out parameters may bring a curve of the sender's own. Some runtimes accept
 * such keys when the parameters look like those of a named curve, others never do.
 * Source: RFC 5480 §2.1.1 (only named curves); CVE-2020-0601.
 */
export function namesItsCurve(key: KeyObject): boolean {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ format: 'der', type: 'spki' }).length <= namedBytesMax
}

/** A key on P-521 takes 158 bytes; parameters that are spelled out take 200 more. */
const namedBytesMax = 158
