import { createHmac, timingSafeEqual } from 'node:crypto'
import { prepareHmac } from '../prepared-hmac.ts'

const prefix = 'cs_'
const randomLength = 32
const textLength = prefix.length + 43

/** Makes a client secret with 256 random bits. */
export function generateClientSecret(randomBytes: (length: number) => Uint8Array): string {
  return prefix + Buffer.from(randomBytes(randomLength)).toString('base64url')
}

/**
 * Tells by its form alone whether a presented secret was made by us; the form picks the way it is checked.
 * Why: the record must not pick it, or time would tell what the record holds.
 */
export function secretForm(presented: string): 'generated' | 'chosen' {
  if (presented.length !== textLength || !presented.startsWith(prefix)) return 'chosen'
  for (let at = prefix.length; at < textLength; at += 1) {
    const code = presented.charCodeAt(at)
    const isAlphanumeric =
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      (code >= 0x61 && code <= 0x7a)
    if (!isAlphanumeric && code !== 0x2d && code !== 0x5f) return 'chosen'
  }
  return 'generated'
}

/**
 * The stored form of a generated secret.
 * Why: 256 random bits need no slow hash. The key makes a stolen database useless for recognising a
 * secret.
 * Source: ours.
 */
export function hashGenerated(presented: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(presented).digest('base64url')
}

/**
 * Prepares `hashGenerated` under one key, for texts of the generated form.
 * Throws (the function): for a text of another length.
 */
export function prepareGeneratedHash(key: Uint8Array): (presented: string) => string {
  return prepareHmac(key, textLength).text
}

/** Compares a hash with all that stand, in a time that tells nothing about which. */
export function isAmong(hash: string, standing: readonly string[]): boolean {
  const wanted = Buffer.from(hash)
  let found = false
  for (const candidate of standing) {
    const bytes = Buffer.from(candidate)
    const equal = bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
    found = equal || found
  }
  return found
}
