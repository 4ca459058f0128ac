import { Buffer } from 'node:buffer'
import * as crypto from 'node:crypto'

/** The hashes of the JWS algorithms, by their name in the runtime. */
export type HashName = 'sha256' | 'sha384' | 'sha512'

/** Makes the base64url text of a MAC over an ASCII text. */
export type Mac = (input: string) => string

/**
 * Prepares HMAC under one secret.
 * Why: two one-shot hashes over prepared blocks take less than half the time of an HMAC object. They
 * are used where the runtime has them and, tried once per key, they agree with its HMAC.
 * Not checked: that the input is ASCII; callers decode every part strictly.
 * Source: RFC 2104 §2; RFC 7518 §3.2.
 */
export function prepareHmac(hash: HashName, secret: Uint8Array): Mac {
  const plain: Mac = (input) =>
    crypto.createHmac(hash, secret).update(input, 'latin1').digest('base64url')
  if (typeof crypto.hash !== 'function') return plain
  const quick = hashTwice(hash, secret, plain)
  return agree(quick, plain) ? quick : plain
}

const inputBytesMax = 4096
const blockBytes: Readonly<Record<HashName, number>> = { sha256: 64, sha384: 128, sha512: 128 }
const digestBytes: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 }

function hashTwice(hash: HashName, secret: Uint8Array, longer: Mac): Mac {
  const block = blockBytes[hash]
  const key = Buffer.alloc(block)
  key.set(secret.length > block ? crypto.createHash(hash).update(secret).digest() : secret)
  const inner = Buffer.alloc(block + inputBytesMax)
  const outer = Buffer.alloc(block + digestBytes[hash])
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  key.fill(0)
  return (input) => {
    if (input.length > inputBytesMax) return longer(input)
    const end = block + inner.write(input, block, 'latin1')
    outer.write(crypto.hash(hash, inner.subarray(0, end), 'latin1'), block, 'latin1')
    return crypto.hash(hash, outer, 'base64url')
  }
}

function agree(quick: Mac, plain: Mac): boolean {
  try {
    return quick('countersign') === plain('countersign')
  } catch {
    return false
  }
}
