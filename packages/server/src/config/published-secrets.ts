import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** Units: bytes. A shorter secret is weak, published or not; the table does without such. */
export const publishedBytesMin = 16

/** Units: hexadecimal digits of the SHA-256, 4 bits each. */
const digits = 12

/** Next to `src` and `dist`; `tools/published-secrets.ts` makes it. */
const tableFile = new URL('../../data/published-secrets.txt', import.meta.url)

/**
 * Whether a secret stands in a public list of secrets that programs were shipped with or that were guessed.
 * Not checked: secrets of fewer than `publishedBytesMin` bytes.
 * Why: only beginnings of hashes are kept, so nobody reads the list here; a random secret has the beginning of a listed
 * one less than once in 10 billion. The table is read for each question, of which there are few and only at a start, and
 * is not kept.
 */
export function isPublishedSecret(secret: string | Uint8Array): boolean {
  return readFileSync(tableFile, 'latin1').includes(`\n${fingerprint(secret)}\n`)
}

/** A line of the table. */
export function fingerprint(secret: string | Uint8Array): string {
  return hash('sha256', secret, 'hex').slice(0, digits)
}
