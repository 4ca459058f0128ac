import { createHash } from 'node:crypto'

import type { HashName } from './hmac.ts'

/**
 * The left half of a text's hash as base64url, under the hash of a signature algorithm; `undefined`
 * where no hash is agreed.
 * Source: OpenID Connect Core 1.0 §3.1.3.6 (`at_hash`); for Ed25519 its own hash, SHA-512.
 */
export function halfHash(alg: string, text: string): string | undefined {
  const hash = hashOf(alg)
  if (hash === undefined) return undefined
  const digest = createHash(hash).update(text, 'utf8').digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

function hashOf(alg: string): HashName | undefined {
  if (alg === 'Ed25519' || alg === 'EdDSA') return 'sha512'
  if (alg.endsWith('256')) return 'sha256'
  if (alg.endsWith('384')) return 'sha384'
  return alg.endsWith('512') ? 'sha512' : undefined
}
