import {
  createKeySet,
  decryptJwe,
  importKey,
  keySetOf,
  publicKeyOf,
  verifyJws,
  type ContentEncryption,
  type JweKeyAlgorithm,
  type JwsAlgorithm,
  type Key,
  type KeySet,
} from '@countersign/jwt'

import {
  contentCiphers,
  isContentEncryption,
} from '../../packages/jwt/src/crypto/content-encryption.ts'
import {
  isJweKeyAlgorithm,
  keyManagements,
  openOaep,
} from '../../packages/jwt/src/crypto/key-management.ts'
import { runtimeOffers } from '../../packages/jwt/src/crypto/key-objects.ts'
import {
  isJwsAlgorithm,
  signatureAlgorithms,
} from '../../packages/jwt/src/crypto/signature-algorithms.ts'
import { runtimeHasCipher } from '../../packages/jwt/src/crypto/runtime-ciphers.ts'
import { isKeyAlgorithm } from '../../packages/jwt/src/jwk/key-shapes.ts'
import { materialOf } from '../../packages/jwt/src/jwk/key.ts'
import { prepareCheck, prepareSign } from '../../packages/jwt/src/jws/prepare-key.ts'

/** Every algorithm of the tables, so that no refusal in these runs comes from a short list. */
const jwsAlgorithms: readonly JwsAlgorithm[] = Object.values(signatureAlgorithms).map(
  ({ alg }) => alg,
)
const jweAlgorithms: readonly JweKeyAlgorithm[] = Object.values(keyManagements)
  .filter(({ runtimeCipher }) => runtimeCipher === undefined || runtimeHasCipher(runtimeCipher))
  .map(({ alg }) => alg)
/** Every content encryption that this runtime has. */
export const everyEncryption: readonly ContentEncryption[] = Object.values(contentCiphers)
  .filter(({ runtimeCipher }) => runtimeHasCipher(runtimeCipher))
  .map(({ enc }) => enc)

/** The algorithm among these that this runtime lacks, if any. */
export function lacking(...names: readonly string[]): string | undefined {
  return names.find((name) => {
    if (isContentEncryption(name)) return !everyEncryption.includes(name)
    if (isJweKeyAlgorithm(name)) return !jweAlgorithms.includes(name)
    return !runtimeOffers(name)
  })
}

/** A key in any spelling that a published file uses. */
export type Material = string | Uint8Array | Readonly<Record<string, unknown>>

/** Whether the table has a signature algorithm of this name. */
export function isOurs(alg: string): boolean {
  return isJwsAlgorithm(alg)
}

/** Imports a key as a user would; `undefined` when it is refused. */
export function keyOf(material: Material, alg: string): Key | undefined {
  if (!isKeyAlgorithm(alg)) return undefined
  const source =
    typeof material === 'string' || material instanceof Uint8Array
      ? material
      : { kty: '', ...material }
  const read = importKey(source, { alg })
  return read.ok ? read.value : undefined
}

/** Imports a public key and verifies a signature over bytes of any kind. */
export function verifyRaw(material: Material, alg: string, message: Buffer, sig: Buffer): boolean {
  const key = keyOf(material, alg)
  if (key === undefined || key.kind !== 'public') return false
  const { letters, check } = prepareCheck(key)
  const signature = sig.toString('base64url')
  const token = `${message.toString('latin1')}.${signature}`
  return signature.length === letters && check(token, message.length)
}

/** Imports a private key or a secret and signs; `undefined` when the key is refused. */
export function signRaw(material: Material, alg: string, message: Buffer): Buffer | undefined {
  const key = keyOf(material, alg)
  if (key === undefined || key.kind === 'public') return undefined
  const signed = prepareSign(key)(message.toString('latin1'))
  return Buffer.from(signed.slice(message.length + 1), 'base64url')
}

/** Opens RSA-OAEP with an empty label; `undefined` when key or ciphertext is refused. */
export function openRaw(
  material: Material,
  bits: '256' | '384' | '512',
  encrypted: Buffer,
): Buffer | undefined {
  const key = keyOf(material, `RSA-OAEP-${bits}`)
  return key === undefined ? undefined : openOaep(materialOf(key), `sha${bits}`, encrypted)
}

/** Imports a JWK or a set of JWKs and verifies a JWS under them. */
export function verifyToken(token: string, keys: Readonly<Record<string, unknown>>): boolean {
  const set = publicSetOf(keys)
  return set !== undefined && verifyJws(token, { keys: set, algorithms: jwsAlgorithms }).ok
}

/** Imports a JWK and opens a JWE under it; `undefined` when either is refused. */
export function openToken(
  token: string,
  jwk: Readonly<Record<string, unknown>>,
): Buffer | undefined {
  const key = keyOf(jwk, typeof jwk['alg'] === 'string' ? jwk['alg'] : '')
  if (key === undefined) return undefined
  const fits = everyEncryption.filter(
    (enc) => key.alg !== 'dir' || contentCiphers[enc].cekBytes === materialOf(key).symmetricKeySize,
  )
  const opened = decryptJwe(token, { keys: key, algorithms: jweAlgorithms, encryptions: fits })
  return opened.ok ? Buffer.from(opened.value.payload) : undefined
}

function publicSetOf(keys: Readonly<Record<string, unknown>>): KeySet | undefined {
  if (!('keys' in keys)) {
    const key = keyOf(
      keys,
      typeof keys['alg'] === 'string' ? keys['alg'] : likeliestAlgorithm(keys),
    )
    return key === undefined ? undefined : keySetOf([verifierOf(key)])
  }
  const read = createKeySet(keys, { acceptPrivate: true })
  return read.ok ? keySetOf(read.value.keys.map(verifierOf)) : undefined
}

function likeliestAlgorithm({ kty }: Readonly<Record<string, unknown>>): string {
  return kty === 'RSA' ? 'RS256' : 'ES256'
}

function verifierOf(key: Key): Key {
  return key.kind === 'private' ? publicKeyOf(key) : key
}
