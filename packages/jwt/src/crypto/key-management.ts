import { Buffer } from 'node:buffer'
import { constants, privateDecrypt, publicEncrypt, randomBytes, type KeyObject } from 'node:crypto'

import { decodeBase64url, encodeBase64url } from '../bytes/base64url.ts'
import { unwrapAes, wrapAes } from './aes-key-wrap.ts'
import { concatKdf } from './concat-kdf.ts'
import { gcmIvBytes, openGcm, sealGcm, type ContentCipher } from './content-encryption.ts'
import {
  agreeOnSecret,
  agreeWithRecipient,
  curveOf,
  generateEphemeral,
  type AgreementCurve,
  type EphemeralJwk,
} from './key-agreement.ts'

/** The key management algorithms of RFC 7518 §4.1 that exist here, by their `alg` names. */
export type JweKeyAlgorithm =
  | 'dir'
  | 'A128KW'
  | 'A192KW'
  | 'A256KW'
  | 'A128GCMKW'
  | 'A192GCMKW'
  | 'A256GCMKW'
  | 'ECDH-ES'
  | 'ECDH-ES+A128KW'
  | 'ECDH-ES+A192KW'
  | 'ECDH-ES+A256KW'
  | 'RSA-OAEP-256'
  | 'RSA-OAEP-384'
  | 'RSA-OAEP-512'

/** The source of fresh bytes and keys. Tests pass their own to reproduce published examples. */
export interface JweRandomness {
  readonly bytes: (count: number) => Uint8Array
  readonly ephemeral: (curve: AgreementCurve) => KeyObject
}

/** The runtime's own randomness. */
export const systemRandomness: JweRandomness = { bytes: randomBytes, ephemeral: generateEphemeral }

/** Header members that key management itself writes and reads. */
export interface KeyManagementHeader {
  readonly epk?: EphemeralJwk
  readonly apu?: string
  readonly apv?: string
  readonly iv?: string
  readonly tag?: string
}

export interface WrapInput {
  readonly key: KeyObject
  readonly cipher: ContentCipher
  readonly random: JweRandomness
  readonly header: KeyManagementHeader
}

export interface WrappedKey {
  readonly cek: Uint8Array
  readonly encryptedKey: Uint8Array
  readonly header: KeyManagementHeader
}

export interface UnwrapInput {
  readonly key: KeyObject
  readonly cipher: ContentCipher
  readonly encryptedKey: Uint8Array
  /** The protected header as a peer wrote it: parsed JSON, not checked yet. */
  readonly header: Readonly<Record<string, unknown>>
}

/** One row of the table: the kind of key, and the functions that wrap and unwrap a content key. */
export interface KeyManagement {
  readonly alg: JweKeyAlgorithm
  readonly takes: 'secret' | 'agreement' | 'rsa'
  /** The size of a secret in bytes; absent where `enc` decides it (`dir`) or the key is no secret. */
  readonly secretBytes?: number
  /** A cipher that this runtime must offer, for `runtimeHasCipher`. */
  readonly runtimeCipher?: string
  readonly wrap: (input: WrapInput) => WrappedKey
  /** Gives a content key of the right size, or `undefined` for every kind of failure alike. */
  readonly unwrap: (input: UnwrapInput) => Uint8Array | undefined
}

/**
 * All key management algorithms, one row each.
 * Why: RSA1_5 (padding oracles), RSA-OAEP over SHA-1 and PBES2 (a sender sets our work) have no row.
 * Source: RFC 7518 §4; RFC 8037 §3.2 (X25519); IANA "JSON Web Signature and Encryption Algorithms"
 * (RSA-OAEP-384 and -512).
 */
export const keyManagements: Readonly<Record<JweKeyAlgorithm, KeyManagement>> = {
  dir: direct(),
  A128KW: keyWrap('A128KW', 16),
  A192KW: keyWrap('A192KW', 24),
  A256KW: keyWrap('A256KW', 32),
  A128GCMKW: gcmKeyWrap('A128GCMKW', 'aes-128-gcm', 16),
  A192GCMKW: gcmKeyWrap('A192GCMKW', 'aes-192-gcm', 24),
  A256GCMKW: gcmKeyWrap('A256GCMKW', 'aes-256-gcm', 32),
  'ECDH-ES': ecdhEs('ECDH-ES'),
  'ECDH-ES+A128KW': ecdhEs('ECDH-ES+A128KW', 16),
  'ECDH-ES+A192KW': ecdhEs('ECDH-ES+A192KW', 24),
  'ECDH-ES+A256KW': ecdhEs('ECDH-ES+A256KW', 32),
  'RSA-OAEP-256': rsaOaep('RSA-OAEP-256', 'sha256'),
  'RSA-OAEP-384': rsaOaep('RSA-OAEP-384', 'sha384'),
  'RSA-OAEP-512': rsaOaep('RSA-OAEP-512', 'sha512'),
}

/** Tells whether a value from outside is the name of a key management algorithm of the table. */
export function isJweKeyAlgorithm(name: unknown): name is JweKeyAlgorithm {
  return typeof name === 'string' && Object.hasOwn(keyManagements, name)
}

const nothing = Buffer.alloc(0)

function direct(): KeyManagement {
  return {
    alg: 'dir',
    takes: 'secret',
    wrap: ({ key }) => ({ cek: key.export(), encryptedKey: nothing, header: {} }),
    unwrap: ({ key, cipher, encryptedKey }) =>
      encryptedKey.length === 0 ? ofRightSize(key.export(), cipher) : undefined,
  }
}

function keyWrap(alg: JweKeyAlgorithm, secretBytes: number): KeyManagement {
  return {
    alg,
    takes: 'secret',
    secretBytes,
    wrap: ({ key, cipher, random }) => {
      const cek = random.bytes(cipher.cekBytes)
      return { cek, encryptedKey: wrapAes(key.export(), cek), header: {} }
    },
    unwrap: ({ key, cipher, encryptedKey }) =>
      unwrapAes(key.export(), encryptedKey, cipher.cekBytes),
  }
}

/** RFC 7518 §4.7: the header holds the iv and the tag of the wrap, 96 and 128 bits long. */
function gcmKeyWrap(
  alg: JweKeyAlgorithm,
  aes: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm',
  secretBytes: number,
): KeyManagement {
  return {
    alg,
    takes: 'secret',
    secretBytes,
    runtimeCipher: aes,
    wrap: ({ key, cipher, random }) => {
      const cek = random.bytes(cipher.cekBytes)
      const iv = random.bytes(gcmIvBytes)
      const wrapped = sealGcm(aes, key.export(), iv, nothing, cek)
      const header = { iv: encodeBase64url(iv), tag: encodeBase64url(wrapped.tag) }
      return { cek, encryptedKey: wrapped.ciphertext, header }
    },
    unwrap: ({ key, cipher, encryptedKey, header }) => {
      const iv = bytesMember(header['iv'])
      const tag = bytesMember(header['tag'])
      if (iv === undefined || tag === undefined) return undefined
      if (encryptedKey.length !== cipher.cekBytes) return undefined
      return openGcm(aes, key.export(), iv, nothing, encryptedKey, tag)
    },
  }
}

/** RFC 7518 §4.6: with no wrap the agreed key is the content key and is bound to `enc`. */
function ecdhEs(alg: JweKeyAlgorithm, wrapBytes?: number): KeyManagement {
  const derive = (secret: Uint8Array, cipher: ContentCipher, apu: Uint8Array, apv: Uint8Array) =>
    wrapBytes === undefined
      ? concatKdf(secret, cipher.enc, apu, apv, cipher.cekBytes)
      : concatKdf(secret, alg, apu, apv, wrapBytes)
  return {
    alg,
    takes: 'agreement',
    wrap: ({ key, cipher, random, header: given }) => {
      const apu = partyMember(given.apu)
      const apv = partyMember(given.apv)
      const curve = curveOf(key)
      if (curve === undefined || apu === undefined || apv === undefined) {
        throw new TypeError(`${alg} needs a key on an agreement curve and base64url party names`)
      }
      const { secret, epk } = agreeWithRecipient(random.ephemeral(curve), key)
      const agreed = derive(secret, cipher, apu, apv)
      if (wrapBytes === undefined) return { cek: agreed, encryptedKey: nothing, header: { epk } }
      const cek = random.bytes(cipher.cekBytes)
      return { cek, encryptedKey: wrapAes(agreed, cek), header: { epk } }
    },
    unwrap: ({ key, cipher, encryptedKey, header }) => {
      const apu = partyMember(header['apu'])
      const apv = partyMember(header['apv'])
      if (apu === undefined || apv === undefined) return undefined
      const secret = agreeOnSecret(key, header['epk'])
      if (secret === undefined) return undefined
      const agreed = derive(secret, cipher, apu, apv)
      if (wrapBytes !== undefined) return unwrapAes(agreed, encryptedKey, cipher.cekBytes)
      return encryptedKey.length === 0 ? agreed : undefined
    },
  }
}

function rsaOaep(alg: JweKeyAlgorithm, oaepHash: 'sha256' | 'sha384' | 'sha512'): KeyManagement {
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return {
    alg,
    takes: 'rsa',
    wrap: ({ key, cipher, random }) => {
      const cek = random.bytes(cipher.cekBytes)
      return { cek, encryptedKey: publicEncrypt({ key, padding, oaepHash }, cek), header: {} }
    },
    unwrap: ({ key, cipher, encryptedKey }) => {
      const opened = openOaep(key, oaepHash, encryptedKey)
      return opened && ofRightSize(opened, cipher)
    },
  }
}

/**
 * RSA-OAEP with an empty label; `undefined` for every kind of failure alike.
 * Why: the length is checked first, because RFC 8017 §7.1.2 wants exactly the modulus' length.
 */
export function openOaep(
  key: KeyObject,
  oaepHash: 'sha256' | 'sha384' | 'sha512',
  encrypted: Uint8Array,
): Buffer | undefined {
  const modulusBits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (encrypted.length !== Math.ceil(modulusBits / 8)) return undefined
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, encrypted)
  } catch {
    return undefined
  }
}

function ofRightSize(cek: Uint8Array, cipher: ContentCipher): Uint8Array | undefined {
  return cek.length === cipher.cekBytes ? cek : undefined
}

function bytesMember(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' ? decodeBase64url(value) : undefined
}

/** `apu` and `apv` may be absent, which counts as empty (RFC 7518 §4.6.2). */
function partyMember(value: unknown): Uint8Array | undefined {
  return value === undefined ? nothing : bytesMember(value)
}
