import { Buffer } from 'node:buffer'
import * as crypto from 'node:crypto'

import { createScratch } from '../bytes/runtime-buffer.ts'

/** The hashes of the JWS algorithms, by their name in the runtime. */
export type HashName = 'sha256' | 'sha384' | 'sha512'

/**
 * Makes the base64url text of a MAC over the first `end` letters of an ASCII text.
 * Why: with `end` the caller need not copy the text.
 */
export type Mac = (text: string, end: number) => string

/**
 * Prepares HMAC under one secret.
 * Why: two one-shot hashes over prepared blocks take less than half the time of an HMAC object. They
 * serve where the runtime has them and one trial per key agrees with its HMAC.
 * Not checked: that the input is ASCII. A caller decodes every part strictly before it trusts the MAC.
 * Source: RFC 2104 §2; RFC 7518 §3.2.
 */
export function prepareHmac(hash: HashName, secret: Uint8Array): Mac {
  const plain: Mac = (text, end) =>
    crypto.createHmac(hash, secret).update(text.slice(0, end), 'latin1').digest('base64url')
  if (typeof crypto.hash !== 'function') return plain
  const quick = hashTwice(hash, secret, plain)
  return macsAgree(quick, plain) ? quick : plain
}

/** Units: letters, each a byte. */
const textMax = 4096
const blockBytes: Readonly<Record<HashName, number>> = { sha256: 64, sha384: 128, sha512: 128 }
const digestBytes: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 }

function hashTwice(hash: HashName, secret: Uint8Array, longer: Mac): Mac {
  const block = blockBytes[hash]
  const key = Buffer.alloc(block)
  key.set(secret.length > block ? crypto.createHash(hash).update(secret).digest() : secret)
  const inner = createScratch(block + textMax)
  const outer = createScratch(block + digestBytes[hash])
  for (const [at, byte] of key.entries()) {
    inner.bytes[at] = byte ^ 0x36
    outer.bytes[at] = byte ^ 0x5c
  }
  key.fill(0)
  return (text, end) => {
    if (text.length > textMax) return longer(text, end)
    inner.writeLatin1(text, block)
    outer.writeLatin1(crypto.hash(hash, inner.bytes.subarray(0, block + end), 'latin1'), block)
    return crypto.hash(hash, outer.bytes, 'base64url')
  }
}

function macsAgree(quick: Mac, plain: Mac): boolean {
  try {
    return quick('countersign', 7) === plain('countersign', 7)
  } catch {
    return false
  }
}
