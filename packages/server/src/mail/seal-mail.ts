import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'

/** The row that a seal is bound to. Sealed values that moved to another row do not open. */
export interface MailSealContext {
  readonly id: string
  readonly recipientHash: string
  readonly template: string
}

/** Encrypts the values of mail, and hashes addresses under a key. */
export interface MailSeals {
  readonly seal: (plain: string, context: MailSealContext) => Uint8Array
  /** `undefined` for a seal of another row or another key. */
  readonly open: (sealed: Uint8Array, context: MailSealContext) => string | undefined
  /** The hash under which an address stands in the outbox, base64url. */
  readonly recipientHash: (key: string) => string
}

const nonceBytes = 12
const tagBytes = 16

/**
 * Makes the seals of mail under one secret of the server: AES-256-GCM, bound to the row.
 * Why: a copy of the database must not hold codes and links that still work.
 * Source: ours; NIST SP 800-38D.
 */
export function createMailSeals(deps: {
  /** A random secret of the server, used for nothing else. */
  readonly secret: Uint8Array
  readonly randomBytes: (length: number) => Uint8Array
}): MailSeals {
  const sealKey = derive(deps.secret, 'countersign mail seal')
  const hashKey = derive(deps.secret, 'countersign mail recipient')
  return {
    seal(plain, context) {
      const nonce = deps.randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(boundTo(context))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(sealed, context) {
      if (sealed.length < nonceBytes + tagBytes) return undefined
      const nonce = sealed.subarray(0, nonceBytes)
      const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce, { authTagLength: tagBytes })
      decipher.setAAD(boundTo(context))
      decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
      try {
        const plain = decipher.update(sealed.subarray(nonceBytes + tagBytes))
        return Buffer.concat([plain, decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
    recipientHash: (key) => createHmac('sha256', hashKey).update(key).digest('base64url'),
  }
}

function derive(secret: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), use, 32))
}

function boundTo({ id, recipientHash, template }: MailSealContext): Buffer {
  return Buffer.from(JSON.stringify(['countersign mail', id, recipientHash, template]))
}
