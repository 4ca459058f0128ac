import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'

/** Seals small values of rows under a secret of the server. */
export interface SecretSeal {
  readonly seal: (plain: Uint8Array, row: readonly string[]) => Uint8Array
  /** `undefined` for a seal of another row or another secret. */
  readonly open: (sealed: Uint8Array, row: readonly string[]) => Uint8Array | undefined
}

const nonceBytes = 12
const tagBytes = 16

/**
 * Makes the seal of one use under a secret of the server: AES-256-GCM, bound to the row.
 * Why not under the key-encryption key itself: a new one would need all rows to be written again. The secret of the server is
 * sealed under it.
 * Source: ours; NIST SP 800-38D.
 */
export function createSecretSeal(
  secret: Uint8Array,
  use: string,
  randomBytes: (length: number) => Uint8Array,
): SecretSeal {
  const key = deriveSecret(secret, use)
  const boundTo = (row: readonly string[]) => Buffer.from(JSON.stringify(row))
  return {
    seal(plain, row) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(row))
      const body = Buffer.concat([cipher.update(plain), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(sealed, row) {
      if (sealed.length < nonceBytes + tagBytes) return undefined
      const nonce = sealed.subarray(0, nonceBytes)
      const options = { authTagLength: tagBytes }
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, options).setAAD(boundTo(row))
      decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
      try {
        const body = sealed.subarray(nonceBytes + tagBytes)
        return Buffer.concat([decipher.update(body), decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

/** Derives the key of one use from a secret of the server. Source: RFC 5869. */
export function deriveSecret(secret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), use, 32))
}
