import { hash } from 'node:crypto'

/** Makes the HMAC-SHA-256 of a message of one length: bytes, or a text of Latin-1 letters. Throws: for another length. */
export interface PreparedHmac {
  (message: Uint8Array | string): Buffer
  /** Makes the same, as base64url. */
  readonly text: (message: Uint8Array | string) => string
}

/** Units: bytes, of SHA-256. */
const blockBytes = 64
const digestBytes = 32

/**
 * Prepares HMAC-SHA-256 under one key, for messages of one length.
 * Units: bytes.
 * Why: two one-shot hashes over prepared blocks take half the time of an HMAC object.
 * Source: RFC 2104 §2.
 */
export function prepareHmac(key: Uint8Array, messageBytes: number): PreparedHmac {
  const inner = Buffer.alloc(blockBytes + messageBytes)
  const outer = Buffer.alloc(blockBytes + digestBytes)
  const block = Buffer.alloc(blockBytes)
  block.set(key.length > blockBytes ? hash('sha256', key, 'buffer') : key)
  for (const [at, byte] of block.entries()) {
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  block.fill(0)
  const fill = (message: Uint8Array | string): void => {
    if (message.length !== messageBytes) throw new TypeError('a message of another length')
    if (typeof message === 'string') inner.write(message, blockBytes, 'latin1')
    else inner.set(message, blockBytes)
    outer.write(hash('sha256', inner, 'latin1'), blockBytes, 'latin1')
  }
  const hmac = (message: Uint8Array | string): Buffer => {
    fill(message)
    return hash('sha256', outer, 'buffer')
  }
  const text = (message: Uint8Array | string): string => {
    fill(message)
    return hash('sha256', outer, 'base64url')
  }
  return Object.assign(hmac, { text })
}

/**
 * Prepares HKDF-SHA-256 with one salt and use, for key material of one length. Gives 32 bytes.
 * Source: RFC 5869 §2.
 */
export function prepareHkdf(
  salt: Uint8Array,
  use: string,
  materialBytes: number,
): (material: Uint8Array | string) => Buffer {
  const extract = prepareHmac(salt, materialBytes)
  const info = Buffer.from(`${use}\u0001`, 'latin1')
  return (material) => prepareHmac(extract(material), info.length)(info)
}
