import { decodeBase64urlInto } from '../bytes/base64url.ts'
import { createScratch } from '../bytes/runtime-buffer.ts'
import { endsWithText } from '../bytes/constant-time-equal.ts'
import {
  isJwsAlgorithm,
  signatureAlgorithms,
  type SignatureAlgorithm,
} from '../crypto/signature-algorithms.ts'
import { materialOf, type Key } from '../jwk/key.ts'

/** The check of a key's signatures. */
export interface SignatureCheck {
  /** The count of letters in each of its signatures. */
  readonly letters: number
  /** Tells whether the text after the dot at `end` is the right signature over the text before it. */
  readonly check: (token: string, end: number) => boolean
}

/** Signs a text: returns it with a dot and the signature appended. */
export type SignText = (input: string) => string

/**
 * Prepares a key for verifying, once per key.
 * Throws: for a private key, whose public half is enough, and for a key of JWE.
 * Why: a MAC is made again and its *text* is compared, so a second spelling is refused without more
 * work. A signature must be strict base64url of exactly the size that the algorithm has.
 */
export function prepareCheck(key: Key): SignatureCheck {
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
 * Prepares a key for signing, once per key.
 * Throws: for a public key and for a key of JWE.
 */
export function prepareSign(key: Key): SignText {
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
  /** The operation of the row that it was made from. A replaced row needs a new one. */
  readonly operation: unknown
  readonly prepared: T
}

const checks = new WeakMap<Key, Prepared<SignatureCheck>>()
const signers = new WeakMap<Key, Prepared<SignText>>()

function rowOf({ alg }: Key): SignatureAlgorithm {
  if (!isJwsAlgorithm(alg)) throw new TypeError(`a key for ${alg} neither signs nor verifies`)
  return signatureAlgorithms[alg]
}

function makeCheck(row: SignatureAlgorithm, key: Key): SignatureCheck {
  const material = materialOf(key)
  if (row.family === 'mac') {
    const mac = row.mac(material)
    return {
      letters: mac('', 0).length,
      check: (token, end) => endsWithText(token, end + 1, mac(token, end)),
    }
  }
  const verify = row.verify(material)
  const bytes = row.signatureBytes(material)
  const buffer = createScratch(bytes + 4)
  const exact = buffer.bytes.subarray(0, bytes)
  const letters = Math.ceil((bytes * 4) / 3)
  return {
    letters,
    check: (token, end) =>
      token.length - end - 1 === letters &&
      decodeBase64urlInto(buffer, token.slice(end + 1)) === bytes &&
      verify(token, end, exact),
  }
}

function makeSigner(row: SignatureAlgorithm, key: Key): SignText {
  const material = materialOf(key)
  if (row.family === 'mac') {
    const mac = row.mac(material)
    return (input) => `${input}.${mac(input, input.length)}`
  }
  const sign = row.sign(material)
  return (input) => `${input}.${sign(input, input.length).toString('base64url')}`
}
