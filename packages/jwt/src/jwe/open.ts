import { Buffer } from 'node:buffer'

import { decodeBase64url } from '../bytes/base64url.ts'
import {
  contentCiphers,
  type ContentCipher,
  type ContentEncryption,
} from '../crypto/content-encryption.ts'
import {
  keyManagements,
  systemRandomness,
  type JweKeyAlgorithm,
  type KeyManagement,
} from '../crypto/key-management.ts'
import type { KeyObject } from '../crypto/key-objects.ts'
import { ok, refuse, type Result } from '../result.ts'
import { readHeader, type JweHeader } from './header.ts'
import type { JwePart, JweRefusal } from './refusal.ts'

/** The tokens that an opener accepts: fixed lists, and a key for a header that passed them. */
export interface OpenPolicy {
  readonly algorithms: readonly JweKeyAlgorithm[]
  readonly encryptions: readonly ContentEncryption[]
  readonly tokenBytesMax: number
  readonly find: (wanted: WantedKey) => KeyObject | undefined
}

export interface WantedKey {
  readonly alg: JweKeyAlgorithm
  readonly kid: string | undefined
}

/** An opened token: its protected header and its plaintext. */
export interface OpenedJwe {
  readonly header: JweHeader
  readonly payload: Buffer
}

/**
 * Opens a token in the compact form.
 * Refuses: all reasons of `JweRefusal` but those that concern a nested JWT; `check` may add one.
 * Not checked: the sender. Anyone with a public key can encrypt to it.
 * Why: the allow-lists come before any key. After them there is one refusal only, and a random key
 * replaces a content key that could not be unwrapped, so that the work stays alike.
 * Source: RFC 7516 §5.2, §11.5; RFC 8725 §3.1, §3.2.
 */
export function openJwe(
  token: string,
  policy: OpenPolicy,
  check: (header: JweHeader) => JweRefusal | undefined = acceptAny,
): Result<OpenedJwe, JweRefusal> {
  const { algorithms, encryptions, tokenBytesMax } = policy
  if (typeof token !== 'string') return malformed('token')
  if (token.length > tokenBytesMax)
    return refuse({ reason: 'too_large', bytes: token.length, bytesMax: tokenBytesMax })
  const parts = splitInFive(token)
  if (parts === undefined) return malformed('token')
  const read = readHeader(parts[0])
  if (!read.ok) return read
  const header = read.value
  const alg = algorithms.find((name) => name === header.alg)
  if (alg === undefined) return refuse({ reason: 'algorithm_not_allowed', allowed: algorithms })
  const enc = encryptions.find((name) => name === header.enc)
  if (enc === undefined) return refuse({ reason: 'encryption_not_allowed', allowed: encryptions })
  const objection = check(header)
  if (objection !== undefined) return refuse(objection)
  const pieces = decodePieces(parts)
  if (!pieces.ok) return pieces
  const key = policy.find({ alg, kid: header.kid })
  if (key === undefined) return refuse({ reason: 'key_unknown' })
  const payload = decrypt(keyManagements[alg], contentCiphers[enc], key, header, pieces.value)
  return payload === undefined ? refuse({ reason: 'decryption_failed' }) : ok({ header, payload })
}

interface Pieces {
  readonly aad: Buffer
  readonly encryptedKey: Uint8Array
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

type FiveParts = readonly [string, string, string, string, string]

function decrypt(
  row: KeyManagement,
  cipher: ContentCipher,
  key: KeyObject,
  header: JweHeader,
  { aad, encryptedKey, iv, ciphertext, tag }: Pieces,
): Buffer | undefined {
  const spare = systemRandomness.bytes(cipher.cekBytes)
  const found = row.unwrap({ key, cipher, encryptedKey, header })
  const payload = cipher.open({ cek: found ?? spare, iv, aad, ciphertext, tag })
  if (found === undefined) return undefined
  if (payload === undefined && row.takes === 'rsa') failOnceMore()
  return payload
}

/**
 * Fails a second time, on empty input.
 * Why: a failed RSA decryption costs an exception of the runtime. A wrong tag after a good decryption
 * pays the same here, so that time reveals nothing about the padding. Secrets need none of this: a
 * sender without the key knows which part is wrong.
 */
function failOnceMore(): void {
  const { cekBytes, ivBytes, tagBytes, open } = contentCiphers.A128GCM
  const [cek, iv, tag] = [Buffer.alloc(cekBytes), Buffer.alloc(ivBytes), Buffer.alloc(tagBytes)]
  open({ cek, iv, aad: tag, ciphertext: iv, tag })
}

/** Exactly five parts, found without splitting a hostile text into a million pieces. */
function splitInFive(token: string): FiveParts | undefined {
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  const third = token.indexOf('.', second + 1)
  const fourth = token.indexOf('.', third + 1)
  if (first < 1 || second <= first || third <= second || fourth <= third) return undefined
  if (token.includes('.', fourth + 1)) return undefined
  return [
    token.slice(0, first),
    token.slice(first + 1, second),
    token.slice(second + 1, third),
    token.slice(third + 1, fourth),
    token.slice(fourth + 1),
  ]
}

function decodePieces(parts: FiveParts): Result<Pieces, JweRefusal> {
  const encryptedKey = decodeBase64url(parts[1])
  if (encryptedKey === undefined) return malformed('encrypted_key')
  const iv = decodeBase64url(parts[2])
  if (iv === undefined) return malformed('iv')
  const ciphertext = decodeBase64url(parts[3])
  if (ciphertext === undefined) return malformed('ciphertext')
  const tag = decodeBase64url(parts[4])
  if (tag === undefined) return malformed('tag')
  return ok({ aad: Buffer.from(parts[0], 'latin1'), encryptedKey, iv, ciphertext, tag })
}

function malformed(part: JwePart): Result<never, JweRefusal> {
  return refuse({ reason: 'malformed', part })
}

function acceptAny(): undefined {
  return undefined
}
