import { Buffer } from 'node:buffer'

/**
 * Writes bytes as base64url without padding.
 * Source: RFC 7515 §2, Appendix C.
 */
export function encodeBase64url(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return Buffer.from(bytes, 'utf8').toString('base64url')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/**
 * Reads base64url; `undefined` for anything that `encodeBase64url` would not have written.
 * Refuses: padding, white space, foreign letters, impossible lengths and spare bits that are set.
 * Why: the runtime's decoder skips what it does not know, so two texts could carry one token; writing
 * the bytes again and comparing admits exactly one.
 * Source: RFC 7515 §2; RFC 4648 §3.5.
 */
export function decodeBase64url(text: string): Buffer<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/**
 * Reads base64url into the beginning of a buffer that is used again and again.
 * Units: answers the count of bytes, or -1 for a text that is not exactly base64url or does not fit.
 */
export function decodeBase64urlInto(buffer: Buffer, text: string): number {
  const length = buffer.write(text, 0, 'base64url')
  return buffer.toString('base64url', 0, length) === text ? length : -1
}
