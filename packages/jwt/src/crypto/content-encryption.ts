import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'

/** The content encryptions of RFC 7518 §5.1, by their `enc` names. */
export type ContentEncryption =
  | 'A128GCM'
  | 'A192GCM'
  | 'A256GCM'
  | 'A128CBC-HS256'
  | 'A192CBC-HS384'
  | 'A256CBC-HS512'

/** One row of the table of content encryptions: sizes, and how to seal and to open. */
export interface ContentCipher {
  readonly enc: ContentEncryption
  readonly cekBytes: number
  readonly ivBytes: number
  readonly tagBytes: number
  /** The runtime's name of the cipher, for `runtimeHasCipher`. */
  readonly runtimeCipher: string
  readonly seal: (input: SealInput) => { ciphertext: Buffer; tag: Buffer }
  /** Gives the plaintext, or `undefined` for every kind of failure alike. */
  readonly open: (input: OpenInput) => Buffer | undefined
}

export interface SealInput {
  readonly cek: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
}

export interface OpenInput {
  readonly cek: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** RFC 7518 §5.3: the iv has exactly 96 bits and the tag exactly 128. */
export const gcmIvBytes = 12
const gcmTagBytes = 16

/**
 * All content encryptions, one row each.
 * Why: a closed table; an `enc` that has no row does not exist for us.
 * Source: RFC 7518 §5.2 (AES-CBC with HMAC), §5.3 (AES-GCM).
 */
export const contentCiphers: Readonly<Record<ContentEncryption, ContentCipher>> = {
  A128GCM: gcm('A128GCM', 'aes-128-gcm', 16),
  A192GCM: gcm('A192GCM', 'aes-192-gcm', 24),
  A256GCM: gcm('A256GCM', 'aes-256-gcm', 32),
  'A128CBC-HS256': cbcHmac('A128CBC-HS256', 'aes-128-cbc', 'sha256', 16),
  'A192CBC-HS384': cbcHmac('A192CBC-HS384', 'aes-192-cbc', 'sha384', 24),
  'A256CBC-HS512': cbcHmac('A256CBC-HS512', 'aes-256-cbc', 'sha512', 32),
}

/** Tells whether a value from outside is the name of a content encryption of the table. */
export function isContentEncryption(name: unknown): name is ContentEncryption {
  return typeof name === 'string' && Object.hasOwn(contentCiphers, name)
}

type GcmName = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'

function gcm(enc: ContentEncryption, cipher: GcmName, cekBytes: number): ContentCipher {
  return {
    enc,
    cekBytes,
    ivBytes: gcmIvBytes,
    tagBytes: gcmTagBytes,
    runtimeCipher: cipher,
    seal: ({ cek, iv, aad, plaintext }) => sealGcm(cipher, cek, iv, aad, plaintext),
    open: (input) =>
      input.cek.length === cekBytes
        ? openGcm(cipher, input.cek, input.iv, input.aad, input.ciphertext, input.tag)
        : undefined,
  }
}

/** AES-GCM with a full tag; the GCM key wraps use it too. */
export function sealGcm(
  cipher: GcmName,
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): { ciphertext: Buffer; tag: Buffer } {
  const sealing = createCipheriv(cipher, key, iv, { authTagLength: gcmTagBytes })
  sealing.setAAD(aad)
  const ciphertext = concatenate(sealing.update(plaintext), sealing.final())
  return { ciphertext, tag: sealing.getAuthTag() }
}

/** The reverse of `sealGcm`; `undefined` for a wrong size and a wrong tag alike. */
export function openGcm(
  cipher: GcmName,
  key: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Buffer | undefined {
  if (iv.length !== gcmIvBytes || tag.length !== gcmTagBytes) return undefined
  const opening = createDecipheriv(cipher, key, iv, { authTagLength: gcmTagBytes })
  opening.setAAD(aad)
  opening.setAuthTag(tag)
  try {
    return concatenate(opening.update(ciphertext), opening.final())
  } catch {
    return undefined
  }
}

type CbcName = 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc'
type HashName = 'sha256' | 'sha384' | 'sha512'

function cbcHmac(
  enc: ContentEncryption,
  cipher: CbcName,
  hash: HashName,
  halfBytes: number,
): ContentCipher {
  const ivBytes = 16
  return {
    enc,
    cekBytes: halfBytes * 2,
    ivBytes,
    tagBytes: halfBytes,
    runtimeCipher: cipher,
    seal: ({ cek, iv, aad, plaintext }) => {
      const sealing = createCipheriv(cipher, cek.subarray(halfBytes), iv)
      const ciphertext = concatenate(sealing.update(plaintext), sealing.final())
      return { ciphertext, tag: cbcTag(hash, halfBytes, cek, iv, aad, ciphertext) }
    },
    open: ({ cek, iv, aad, ciphertext, tag }) => {
      if (cek.length !== halfBytes * 2 || iv.length !== ivBytes) return undefined
      if (tag.length !== halfBytes) return undefined
      // The MAC comes first: only the owner of the key can then see a padding error.
      if (!timingSafeEqual(cbcTag(hash, halfBytes, cek, iv, aad, ciphertext), tag)) return undefined
      const opening = createDecipheriv(cipher, cek.subarray(halfBytes), iv)
      try {
        return concatenate(opening.update(ciphertext), opening.final())
      } catch {
        return undefined
      }
    },
  }
}

/** RFC 7518 §5.2.2.1: HMAC over aad, iv, ciphertext and the bit length of the aad, cut to half. */
function cbcTag(
  hash: HashName,
  tagBytes: number,
  cek: Uint8Array,
  iv: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Buffer {
  const aadBits = Buffer.alloc(8)
  aadBits.writeBigUInt64BE(BigInt(aad.length) * 8n)
  return createHmac(hash, cek.subarray(0, tagBytes))
    .update(aad)
    .update(iv)
    .update(ciphertext)
    .update(aadBits)
    .digest()
    .subarray(0, tagBytes)
}

function concatenate(first: Buffer, last: Buffer): Buffer {
  return last.length === 0 ? first : Buffer.concat([first, last])
}
