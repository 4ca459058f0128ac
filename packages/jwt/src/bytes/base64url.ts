import { Buffer } from 'node:buffer'

import { createScratch, type Scratch } from './runtime-buffer.ts'

/**
 * Writes bytes, or the UTF-8 bytes of a text, as base64url without padding.
 * Source: RFC 7515 §2, Appendix C.
 */
export function encodeBase64url(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return encodeText(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** The UTF-8 bytes of a short text pass through a buffer that is used again. */
function encodeText(text: string): string {
  if (text.length * 3 > scratch.bytes.length) return Buffer.from(text, 'utf8').toString('base64url')
  return scratch.base64url(scratch.bytes.write(text, 0, 'utf8'))
}

const scratch = createScratch(16_384)

/**
 * Reads base64url; `undefined` for anything that `encodeBase64url` would not have written.
 * Refuses: padding, white space, foreign letters, impossible lengths and spare bits that are set.
 * Why: the runtime's decoder skips unknown letters, so two texts could carry one token. Writing the
 * bytes again and comparing admits exactly one.
 * Source: RFC 7515 §2; RFC 4648 §3.5.
 */
export function decodeBase64url(text: string): Buffer<ArrayBuffer> | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/**
 * Reads base64url as a text with one letter, U+0000 to U+00FF, for each byte.
 * Refuses: the same texts as `decodeBase64url`.
 * Why: `atob` makes that text in one step and refuses foreign letters itself. It forgives white space
 * and padding. The count of bytes shows both afterwards, because those letters bring no bits.
 * Source: RFC 7515 §2; WHATWG Infra, forgiving-base64 decode.
 */
export function decodeBase64urlLetters(text: string): string | undefined {
  if (text.includes('-') || text.includes('_')) return decodeByHand(text)
  if (text.includes('+') || text.includes('/') || hasSpareBits(text)) return undefined
  try {
    const letters = atob(text)
    return letters.length === Math.floor((text.length * 3) / 4) ? letters : undefined
  } catch {
    return undefined
  }
}

/** For texts with a letter that `atob` does not know; few ASCII texts have one. */
function decodeByHand(text: string): string | undefined {
  if (text.length > scratch.bytes.length) return decodeBase64url(text)?.toString('latin1')
  const length = decodeBase64urlInto(scratch, text)
  return length < 0 ? undefined : scratch.latin1(length)
}

/** Whether the last letter carries bits that belong to no byte, or is alone in its group of four. */
function hasSpareBits(text: string): boolean {
  const rest = text.length % 4
  if (rest === 0) return false
  const last = text.slice(-1)
  return rest === 1 || !(rest === 2 ? 'AQgw' : 'AEIMQUYcgkosw048').includes(last)
}

/**
 * Reads base64url into the beginning of a buffer that is reused.
 * Units: returns the count of bytes, or -1 for a text that is not exactly base64url or does not fit.
 */
export function decodeBase64urlInto(scratch: Scratch, text: string): number {
  const length = scratch.writeBase64url(text)
  return scratch.base64url(length) === text ? length : -1
}
