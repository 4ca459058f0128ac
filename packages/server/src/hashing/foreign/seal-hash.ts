import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import type { ForeignHash } from './foreign-hash.ts'
import { readForeignHash } from './read-foreign-hash.ts'
import { renderForeignHash } from './render-foreign-hash.ts'

const begins = 'sealed$1$'
const nonceLength = 12
const authTagLength = 16

/**
 * Seals a hash under a pepper, for the database: AES-256-GCM.
 * Why: the other product used no key of ours, so guesses could be tested with a copy of the database alone.
 * Source: ours; NIST SP 800-38D.
 */
export function sealHash(
  hash: ForeignHash,
  pepper: Uint8Array,
  randomBytes: (length: number) => Uint8Array,
): string {
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv('aes-256-gcm', sealingKey(pepper), nonce)
  const body = Buffer.concat([cipher.update(renderForeignHash(hash), 'utf8'), cipher.final()])
  const sealed = Buffer.concat([nonce, cipher.getAuthTag(), body])
  return `${begins}${sealed.toString('base64url')}`
}

/** Whether a text of the database is a sealed hash of another product. */
export function isSealedHash(text: string): boolean {
  return text.startsWith(begins)
}

/** Opens a sealed hash; `undefined` where the pepper is another one, or the text was changed. */
export function openHash(text: string, pepper: Uint8Array): ForeignHash | undefined {
  const sealed = Buffer.from(text.slice(begins.length), 'base64url')
  if (sealed.length <= nonceLength + authTagLength) return undefined
  const nonce = sealed.subarray(0, nonceLength)
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(pepper), nonce, { authTagLength })
  decipher.setAuthTag(sealed.subarray(nonceLength, nonceLength + authTagLength))
  try {
    const body = sealed.subarray(nonceLength + authTagLength)
    const opened = Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    const hash = readForeignHash(opened)
    return hash.ok ? hash.value : undefined
  } catch {
    return undefined
  }
}

/** A key of its own, because the pepper also keys hashes. */
function sealingKey(pepper: Uint8Array): Uint8Array {
  return createHmac('sha256', pepper).update('seal of foreign hashes').digest()
}
