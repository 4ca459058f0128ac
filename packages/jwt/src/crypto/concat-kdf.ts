import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

/**
 * Derives a key from an agreed secret with the Concat KDF over SHA-256.
 * Units: `keyBytes` in bytes; `algorithmId` is the `enc` name for direct agreement, else the `alg` name.
 * Source: RFC 7518 §4.6.2; NIST SP 800-56A §5.8.1.
 */
export function concatKdf(
  secret: Uint8Array,
  algorithmId: string,
  partyU: Uint8Array,
  partyV: Uint8Array,
  keyBytes: number,
): Buffer {
  const info = Buffer.concat([
    lengthFirst(Buffer.from(algorithmId, 'latin1')),
    lengthFirst(partyU),
    lengthFirst(partyV),
    uint32(keyBytes * 8),
  ])
  const rounds = Math.ceil(keyBytes / hashBytes)
  const blocks = Array.from({ length: rounds }, (_, round) =>
    createHash('sha256')
      .update(uint32(round + 1))
      .update(secret)
      .update(info)
      .digest(),
  )
  return Buffer.concat(blocks, keyBytes)
}

const hashBytes = 32

function lengthFirst(bytes: Uint8Array): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
