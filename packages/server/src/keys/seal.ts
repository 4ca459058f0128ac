import { createCipheriv, createDecipheriv } from 'node:crypto'
import { startFault } from '../config/start-fault.ts'
import type { KeyRecord } from '../store/port/records.ts'

/** The row that a seal is bound to. A sealed key that moved to another row does not open. */
export type SealContext = Pick<KeyRecord, 'kid' | 'alg' | 'purpose' | 'audience'>

/** Seals private keys and secrets under the key-encryption key. */
export interface Seals {
  readonly seal: (plain: Uint8Array, context: SealContext) => Uint8Array
  /** Throws: a start fault when the key-encryption key is another one, or the row was changed. */
  readonly open: (sealed: Uint8Array, context: SealContext) => Uint8Array
  readonly opens: (sealed: Uint8Array, context: SealContext) => boolean
}

const version = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes + tagBytes
/** Units: bytes of a key-encryption key. */
export const sealingKeyBytes = 32

/**
 * Makes the seals under one key-encryption key: AES-256-GCM over the key, bound to its row.
 * Throws: a start fault for a key of another length.
 * Source: ours; NIST SP 800-38D.
 */
export function createSeals(
  sealingKey: Uint8Array,
  randomBytes: (length: number) => Uint8Array,
): Seals {
  if (sealingKey.length !== sealingKeyBytes) {
    throw startFault(
      'The key-encryption key must be 32 bytes, written as 43 characters of base64url: make one with "countersign keys new-kek <file>".',
    )
  }
  const seals: Seals = {
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(boundTo(context))
      const body = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([Uint8Array.of(version), nonce, cipher.getAuthTag(), body])
    },
    open(sealed, context) {
      if (sealed.length < headBytes || sealed[0] !== version) throw wrongKey(context)
      const nonce = sealed.subarray(1, 1 + nonceBytes)
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce, {
        authTagLength: tagBytes,
      })
      decipher.setAAD(boundTo(context)).setAuthTag(sealed.subarray(1 + nonceBytes, headBytes))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()])
      } catch {
        throw wrongKey(context)
      }
    },
    opens(sealed, context) {
      try {
        seals.open(sealed, context)
        return true
      } catch {
        return false
      }
    },
  }
  return seals
}

function boundTo({ kid, alg, purpose, audience }: SealContext): Buffer {
  return Buffer.from(JSON.stringify(['countersign key', kid, alg, purpose, audience]))
}

function wrongKey({ kid }: SealContext): Error {
  return startFault(
    `The key-encryption key does not open key ${kid} of this database: give the one that it was sealed under.`,
  )
}
