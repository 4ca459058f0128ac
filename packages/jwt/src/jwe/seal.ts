import { Buffer } from 'node:buffer'

import { encodeBase64url } from '../bytes/base64url.ts'
import { contentCiphers, type ContentEncryption } from '../crypto/content-encryption.ts'
import {
  keyManagements,
  systemRandomness,
  type JweKeyAlgorithm,
  type JweRandomness,
  type KeyManagementHeader,
} from '../crypto/key-management.ts'
import type { KeyObject } from '../crypto/key-objects.ts'

/**
 * Header members that a sender may add. The function sets `alg`, `enc` and the members of the algorithm.
 */
export interface SenderHeader {
  readonly kid?: string
  readonly typ?: string
  readonly cty?: string
  /** Base64url, bound into the agreed key (RFC 7518 §4.6.1). */
  readonly apu?: string
  readonly apv?: string
}

export interface SealRequest {
  readonly payload: Uint8Array
  readonly key: KeyObject
  readonly alg: JweKeyAlgorithm
  readonly enc: ContentEncryption
  readonly header: SenderHeader
  /** An argument, so that published examples can be reproduced byte for byte. */
  readonly random?: JweRandomness
  readonly arrange?: (header: ProtectedHeader) => object
}

export type ProtectedHeader = SenderHeader &
  KeyManagementHeader & { readonly alg: string; readonly enc: string }

/**
 * Encrypts bytes to one recipient, in the compact form.
 * Throws: when key, algorithm and content encryption do not fit together.
 * Source: RFC 7516 §5.1, §7.1.
 */
export function sealJwe(request: SealRequest): string {
  const { payload, key, alg, enc, header, random = systemRandomness } = request
  const cipher = contentCiphers[enc]
  const wrapped = keyManagements[alg].wrap({ key, cipher, random, header })
  if (wrapped.cek.length !== cipher.cekBytes) {
    throw new TypeError(
      `${enc} needs a key of ${cipher.cekBytes} bytes, this one has ${wrapped.cek.length}`,
    )
  }
  const arrange = request.arrange ?? ((whole: ProtectedHeader) => whole)
  const whole = arrange({ alg, enc, ...header, ...wrapped.header })
  const protectedText = Buffer.from(JSON.stringify(whole), 'utf8').toString('base64url')
  const iv = random.bytes(cipher.ivBytes)
  const aad = Buffer.from(protectedText, 'latin1')
  const { ciphertext, tag } = cipher.seal({ cek: wrapped.cek, iv, aad, plaintext: payload })
  const rest = [wrapped.encryptedKey, iv, ciphertext, tag].map((bytes) => encodeBase64url(bytes))
  return [protectedText, ...rest].join('.')
}
