import { Buffer } from 'node:buffer'

import { isContentEncryption, type ContentEncryption } from '../crypto/content-encryption.ts'
import { isJweKeyAlgorithm } from '../crypto/key-management.ts'
import { materialOf, type Key } from '../jwk/key.ts'
import { layersOf } from './nested.ts'
import { sealJwe, type SenderHeader } from './seal.ts'

/** Options of encryption. `kid`: default the recipient key's own. */
export interface EncryptOptions extends SenderHeader {
  /** Default: `A256GCM`. */
  readonly enc?: ContentEncryption
}

/**
 * Wraps a signed JWT for one recipient: sign first, then encrypt.
 * Throws: for a text that is no signed JWT in the compact form, a key that is not for encryption, the
 * recipient's private key, and an `enc` that does not fit the key.
 * Why: a signature inside stays secret, and the recipient checks it.
 * Source: RFC 7519 §5.2 (`cty`), §11.2; RFC 7516 §7.1.
 */
export function encryptJwt(
  signedToken: string,
  recipientKey: Key,
  options: Omit<EncryptOptions, 'cty'> = {},
): string {
  if (layersOf(Buffer.from(signedToken, 'utf8')) !== 'signed') {
    throw new TypeError('encryptJwt takes a signed JWT in the compact form')
  }
  return encryptJwe(Buffer.from(signedToken, 'latin1'), recipientKey, { ...options, cty: 'JWT' })
}

/**
 * Encrypts bytes to one recipient, in the compact form.
 * Throws: for a key that is not for encryption or is a private one, and an `enc` that does not fit it.
 * Not checked: the bytes. For tokens use `encryptJwt`.
 * Source: RFC 7516 §5.1, §7.1.
 */
export function encryptJwe(
  payload: Uint8Array,
  recipientKey: Key,
  options: EncryptOptions = {},
): string {
  const { alg, kind } = recipientKey
  if (!isJweKeyAlgorithm(alg)) throw new TypeError(`a key for ${alg} does not encrypt`)
  if (kind === 'private') throw new TypeError('encrypt to the public half of a key')
  const { enc = 'A256GCM', kid = recipientKey.kid, typ, cty, apu, apv } = options
  if (!isContentEncryption(enc)) throw new TypeError('this enc does not exist here')
  const members = { kid, typ, cty, apu, apv }
  const given = Object.entries(members).filter(([, value]) => value !== undefined)
  const header: SenderHeader = Object.fromEntries(given)
  return sealJwe({ payload, key: materialOf(recipientKey), alg, enc, header })
}
