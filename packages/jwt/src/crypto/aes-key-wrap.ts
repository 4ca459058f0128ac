import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, timingSafeEqual } from 'node:crypto'

import { runtimeHasCipher } from './runtime-ciphers.ts'

/**
 * Wraps a content key under an AES key.
 * Throws: on a key or content key of an impossible size (our bug, not a peer's).
 * Source: RFC 3394 §2.2.1 with its default initial value; RFC 7518 §4.4.
 */
export function wrapAes(key: Uint8Array, cek: Uint8Array): Buffer {
  if (!runtimeHasCipher(nativeName(key))) return wrapAesByBlocks(key, cek)
  const wrapping = createCipheriv(nativeName(key), key, integrityValue)
  return Buffer.concat([wrapping.update(cek), wrapping.final()])
}

/**
 * Opens a wrapped content key; `undefined` for a wrong size and a failed integrity check alike.
 * Why: the size is checked first, because the runtime would also unwrap an 8-byte content key.
 * Source: RFC 3394 §2.2.2; RFC 7516 §5.2 (the content key must have the size that `enc` asks for).
 */
export function unwrapAes(
  key: Uint8Array,
  wrapped: Uint8Array,
  cekBytes: number,
): Buffer | undefined {
  if (wrapped.length !== cekBytes + 8) return undefined
  if (!runtimeHasCipher(nativeName(key))) return unwrapAesByBlocks(key, wrapped)
  const unwrapping = createDecipheriv(nativeName(key), key, integrityValue)
  try {
    return Buffer.concat([unwrapping.update(wrapped), unwrapping.final()], cekBytes)
  } catch {
    return undefined
  }
}

const integrityValue = Buffer.alloc(8, 0xa6)

function nativeName(key: Uint8Array): string {
  return `id-aes${key.length * 8}-wrap`
}

/**
 * RFC 3394 §2.2.1 spelled out over single AES blocks.
 * Why: BoringSSL, which some runtimes use, does not offer the wrap as a cipher.
 */
export function wrapAesByBlocks(key: Uint8Array, cek: Uint8Array): Buffer {
  const aes = createCipheriv(blockName(key), key, null).setAutoPadding(false)
  const out = Buffer.concat([integrityValue, cek])
  const blocks = cek.length / 8
  const pair = Buffer.alloc(16)
  out.copy(pair, 0, 0, 8)
  for (let step = 1; step <= 6 * blocks; step += 1) {
    const at = (((step - 1) % blocks) + 1) * 8
    out.copy(pair, 8, at, at + 8)
    const mixed = aes.update(pair)
    mixed.copy(pair, 0, 0, 8)
    mixed.copy(out, at, 8, 16)
    countInto(pair, step)
  }
  pair.copy(out, 0, 0, 8)
  return out
}

/** The reverse of `wrapAesByBlocks`, RFC 3394 §2.2.2. */
export function unwrapAesByBlocks(key: Uint8Array, wrapped: Uint8Array): Buffer | undefined {
  const aes = createDecipheriv(blockName(key), key, null).setAutoPadding(false)
  const out = Buffer.from(wrapped)
  const blocks = wrapped.length / 8 - 1
  const pair = Buffer.alloc(16)
  out.copy(pair, 0, 0, 8)
  for (let step = 6 * blocks; step >= 1; step -= 1) {
    const at = (((step - 1) % blocks) + 1) * 8
    countInto(pair, step)
    out.copy(pair, 8, at, at + 8)
    const mixed = aes.update(pair)
    mixed.copy(pair, 0, 0, 8)
    mixed.copy(out, at, 8, 16)
  }
  return timingSafeEqual(pair.subarray(0, 8), integrityValue) ? out.subarray(8) : undefined
}

function blockName(key: Uint8Array): string {
  return `aes-${key.length * 8}-ecb`
}

/** Mixes the step number into the low end of the first half (content keys are short: 16 bits do). */
function countInto(pair: Buffer, step: number): void {
  pair.writeUInt16BE(pair.readUInt16BE(6) ^ step, 6)
}
