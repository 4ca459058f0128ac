import type { Buffer } from 'node:buffer'

import {
  contentCiphers,
  isContentEncryption,
  type ContentEncryption,
} from '../crypto/content-encryption.ts'
import {
  isJweKeyAlgorithm,
  keyManagements,
  type JweKeyAlgorithm,
} from '../crypto/key-management.ts'
import type { KeyObject } from '../crypto/key-objects.ts'
import { runtimeHasCipher } from '../crypto/runtime-ciphers.ts'
import { keySetOf, type KeySet } from '../jwk/key-set.ts'
import { materialOf, type Key } from '../jwk/key.ts'
import { ok, refuse, type Result } from '../result.ts'
import type { JweHeader } from './header.ts'
import { layersOf } from './nested.ts'
import { openJwe, type OpenedJwe, type OpenPolicy } from './open.ts'
import type { JweRefusal } from './refusal.ts'

/** The tokens that a decrypter accepts. No default widens it. */
export interface DecryptPolicy {
  /** Private keys and secrets for encryption; a token can only pick among them. */
  readonly keys: Key | readonly Key[] | KeySet
  readonly algorithms: readonly JweKeyAlgorithm[]
  readonly encryptions: readonly ContentEncryption[]
  /** Units: bytes. Default: 16,384. */
  readonly tokenBytesMax?: number
}

/**
 * Opens a nested JWT and returns the signed token inside, which still has to be verified.
 * Refuses: every reason of `JweRefusal`; a token inside that is not signed is `payload_not_signed`.
 * Throws: on a policy that can never work (`createDecrypter` says which).
 * Not checked: the signature inside, and so the sender. Anyone with the public key can encrypt anything
 * to it. Give the result to `verifyJwt` before you trust it.
 * Source: RFC 7519 §5.2, §7.2; RFC 7516 §5.2; RFC 8725 §2.3, §3.3.
 */
export function decryptJwt(token: string, policy: DecryptPolicy): Result<string, JweRefusal> {
  return createDecrypter(policy)(token)
}

/**
 * The prepared form of `decryptJwt`, for hot paths.
 * Throws: `TypeError` when a list is empty or names an algorithm that does not exist or that this
 * runtime lacks, when a key is for signing, is public or is of no listed algorithm, or when a `dir` key
 * fits no listed `enc`.
 */
export function createDecrypter(
  policy: DecryptPolicy,
): (token: string) => Result<string, JweRefusal> {
  const prepared = prepareDecryption(policy)
  return (token) => {
    const opened = openJwe(token, prepared, expectNestedJwt)
    return opened.ok ? signedInside(opened.value.payload) : opened
  }
}

/**
 * Opens a token in the compact form and returns the bytes inside.
 * Refuses: every reason of `JweRefusal` but those that concern a nested JWT.
 * Throws: as `createDecrypter`.
 * Not checked: the sender. For JWTs use `decryptJwt`.
 * Source: RFC 7516 §5.2.
 */
export function decryptJwe(token: string, policy: DecryptPolicy): Result<OpenedJwe, JweRefusal> {
  return openJwe(token, prepareDecryption(policy))
}

/** RFC 7519 §5.2: a nested JWT says so; the media type may be spelled in full and in either case. */
function expectNestedJwt({ cty }: JweHeader): JweRefusal | undefined {
  const type = cty?.toLowerCase()
  if (type === 'jwt' || type === 'application/jwt') return undefined
  return { reason: 'content_type_mismatch' }
}

/** Two layers and no more: the payload must be a signed token, not an encrypted one. */
function signedInside(payload: Buffer): Result<string, JweRefusal> {
  const inside = layersOf(payload)
  if (inside === 'encrypted') return refuse({ reason: 'nesting_too_deep' })
  if (inside === 'other') return refuse({ reason: 'payload_not_signed' })
  return ok(payload.toString('latin1'))
}

function prepareDecryption(policy: DecryptPolicy): OpenPolicy {
  const [algorithms, encryptions] = [[...policy.algorithms], [...policy.encryptions]]
  const { tokenBytesMax = 16_384 } = policy
  if (!Number.isSafeInteger(tokenBytesMax) || tokenBytesMax < 1) {
    throw new TypeError('tokenBytesMax is a count of bytes')
  }
  checkNames(algorithms, encryptions)
  const keys = setOf(policy.keys)
  const materials = new Map<Key, KeyObject>()
  for (const key of keys.keys) {
    checkKey(key, algorithms, encryptions)
    materials.set(key, materialOf(key))
  }
  if (materials.size === 0) throw new TypeError('a decrypter needs a key')
  return {
    algorithms,
    encryptions,
    tokenBytesMax,
    find: ({ alg, kid }) => {
      const key = keys.find({ alg, use: 'enc', ...(kid === undefined ? {} : { kid }) })
      return key === undefined ? undefined : materials.get(key)
    },
  }
}

function setOf(keys: DecryptPolicy['keys']): KeySet {
  if ('find' in keys && 'skipped' in keys) return keys
  return keySetOf('alg' in keys ? [keys] : keys)
}

function checkNames(
  algorithms: readonly JweKeyAlgorithm[],
  encryptions: readonly ContentEncryption[],
): void {
  if (algorithms.length === 0 || !algorithms.every(isJweKeyAlgorithm)) {
    throw new TypeError('algorithms: name at least one, and only key management algorithms')
  }
  if (encryptions.length === 0 || !encryptions.every(isContentEncryption)) {
    throw new TypeError('encryptions: name at least one, and only content encryptions')
  }
  const wanted = [
    ...encryptions.map((enc) => contentCiphers[enc].runtimeCipher),
    ...algorithms.flatMap((alg) => keyManagements[alg].runtimeCipher ?? []),
  ]
  const missing = wanted.find((cipher) => !runtimeHasCipher(cipher))
  if (missing !== undefined) throw new TypeError(`this runtime has no ${missing}`)
}

function checkKey(
  key: Key,
  algorithms: readonly JweKeyAlgorithm[],
  encryptions: readonly ContentEncryption[],
): void {
  if (key.use !== 'enc') throw new TypeError(`a key for ${key.alg} signs; it never decrypts`)
  if (key.kind === 'public') throw new TypeError('a public key does not decrypt')
  if (!algorithms.some((alg) => alg === key.alg)) {
    throw new TypeError(`a key for ${key.alg} is of no listed algorithm`)
  }
  const bytes = materialOf(key).symmetricKeySize
  const fits = encryptions.some((enc) => contentCiphers[enc].cekBytes === bytes)
  if (key.alg === 'dir' && !fits) {
    throw new TypeError(`a key of ${bytes} bytes for dir fits no listed content encryption`)
  }
}
