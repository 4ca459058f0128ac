import type { ForeignHash } from './foreign-hash.ts'
import { renderForeignHash } from './render-foreign-hash.ts'

/** Makes a hash of nobody that costs the same. It holds no part of the given one but its cost. */
export function exampleOf(hash: ForeignHash): string {
  const salt = new Uint8Array(hash.salt.length)
  const tag = new Uint8Array(hash.tag.length)
  return renderForeignHash(
    hash.scheme === 'firebase-scrypt'
      ? { ...hash, salt, tag, signerKey: new Uint8Array(tag.length), separator: new Uint8Array(1) }
      : { ...hash, salt, tag },
  )
}
