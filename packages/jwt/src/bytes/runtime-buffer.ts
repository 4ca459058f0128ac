import { Buffer } from 'node:buffer'

/** The buffer's own methods for one encoding each, which most runtimes have and the types do not list. */
interface OwnMethods {
  readonly base64urlSlice: (start: number, end: number) => string
  readonly latin1Slice: (start: number, end: number) => string
  readonly base64urlWrite: (text: string, offset: number) => number
  readonly latin1Write: (text: string, offset: number) => number
}

/**
 * Tells whether buffers have a method per encoding.
 * Why: `toString(encoding)` looks the encoding up each time, which costs a tenth of a verification.
 */
function hasOwnMethods(buffer: Buffer): buffer is Buffer & OwnMethods {
  return ['base64urlSlice', 'latin1Slice', 'base64urlWrite', 'latin1Write'].every(
    (name) => typeof Reflect.get(buffer, name) === 'function',
  )
}

/** A reusable buffer with its fastest methods to read and write. */
export interface Scratch {
  readonly bytes: Buffer
  /** Give the text of the first `end` bytes. */
  readonly base64url: (end: number) => string
  readonly latin1: (end: number) => string
  /** Write a text from `offset` on and return the count of bytes. */
  readonly writeBase64url: (text: string) => number
  readonly writeLatin1: (text: string, offset: number) => number
}

/**
 * Makes a reusable buffer. `portable` serves tests of runtimes without own methods.
 * Units: `size` in bytes.
 */
export function createScratch(size: number, portable = false): Scratch {
  const bytes = Buffer.alloc(size)
  if (!portable && hasOwnMethods(bytes)) {
    return {
      bytes,
      base64url: (end) => bytes.base64urlSlice(0, end),
      latin1: (end) => bytes.latin1Slice(0, end),
      writeBase64url: (text) => bytes.base64urlWrite(text, 0),
      writeLatin1: (text, offset) => bytes.latin1Write(text, offset),
    }
  }
  return {
    bytes,
    base64url: (end) => bytes.toString('base64url', 0, end),
    latin1: (end) => bytes.toString('latin1', 0, end),
    writeBase64url: (text) => bytes.write(text, 0, 'base64url'),
    writeLatin1: (text, offset) => bytes.write(text, offset, 'latin1'),
  }
}
