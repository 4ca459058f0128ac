import { Buffer } from 'node:buffer'

import { decodeBase64urlInto } from '../bytes/base64url.ts'
import { equalTexts } from '../bytes/constant-time-equal.ts'
import {
  isJwsAlgorithm,
  signatureAlgorithms,
  type SignatureAlgorithm,
} from '../crypto/signature-algorithms.ts'
import { materialOf, type Key } from '../jwk/key.ts'

/** Tells whether the text of a signature is the right one for the signed text. */
export type CheckSignature = (input: string, signature: string) => boolean

/** Makes the text of a signature. */
export type MakeSignature = (input: string) => string

/**
 * Prepares a key for verifying; done once per key.
 * Why: a MAC is made again and its *text* is compared, so a second spelling of it is refused for free;
 * a signature must be strict base64url of exactly the size that the algorithm has.
 * Throws: for a private key, whose public half alone is needed, and for a key of JWE.
 */
export function prepareCheck(key: Key): CheckSignature {
  const row = rowOf(key)
  if (key.kind === 'private') {
    throw new TypeError('a verifier needs the public half of this key only: use publicKeyOf(key)')
  }
  const operation = row.family === 'mac' ? row.mac : row.verify
  const known = checks.get(key)
  if (known?.operation === operation) return known.prepared
  const prepared = makeCheck(row, key)
  checks.set(key, { operation, prepared })
  return prepared
}

/**
 * Prepares a key for signing; done once per key.
 * Throws: for a public key and for a key of JWE.
 */
export function prepareSign(key: Key): MakeSignature {
  const row = rowOf(key)
  if (key.kind === 'public') throw new TypeError('a public key cannot sign')
  const operation = row.family === 'mac' ? row.mac : row.sign
  const known = signers.get(key)
  if (known?.operation === operation) return known.prepared
  const prepared = makeSigner(row, key)
  signers.set(key, { operation, prepared })
  return prepared
}

interface Prepared<T> {
  /** The operation it was made from: a row that was exchanged asks for a new one. */
  readonly operation: unknown
  readonly prepared: T
}

const checks = new WeakMap<Key, Prepared<CheckSignature>>()
const signers = new WeakMap<Key, Prepared<MakeSignature>>()

function rowOf({ alg }: Key): SignatureAlgorithm {
  if (!isJwsAlgorithm(alg)) throw new TypeError(`a key for ${alg} neither signs nor verifies`)
  return signatureAlgorithms[alg]
}

function makeCheck(row: SignatureAlgorithm, key: Key): CheckSignature {
  const material = materialOf(key)
  if (row.family === 'mac') {
    const mac = row.mac(material)
    return (input, signature) => equalTexts(mac(input), signature)
  }
  const verify = row.verify(material)
  const bytes = row.signatureBytes(material)
  const buffer = Buffer.alloc(bytes + 4)
  const exact = buffer.subarray(0, bytes)
  const letters = Math.ceil((bytes * 4) / 3)
  return (input, signature) =>
    signature.length === letters &&
    decodeBase64urlInto(buffer, signature) === bytes &&
    verify(input, exact)
}

function makeSigner(row: SignatureAlgorithm, key: Key): MakeSignature {
  const material = materialOf(key)
  if (row.family === 'mac') return row.mac(material)
  const sign = row.sign(material)
  return (input) => sign(input).toString('base64url')
}
