import { decodeBase64urlInto } from '../bytes/base64url.ts'
import { createScratch } from '../bytes/runtime-buffer.ts'
import { endsWithText } from '../bytes/constant-time-equal.ts'
import {
  isJwsAlgorithm,
  signatureAlgorithms,
  type SignatureAlgorithm,
} from '../crypto/signature-algorithms.ts'
import { materialOf, type Key } from '../jwk/key.ts'

/** How the signatures of a key are checked. */
export interface SignatureCheck {
  /** How many letters each of its signatures has. */
  readonly letters: number
  /** Tells whether what follows the dot at `end` is the right signature over all that stands before it. */
  readonly check: (token: string, end: number) => boolean
}

/** Signs a text: gives it with a dot and the signature behind it. */
export type SignText = (input: string) => string

/**
 * Prepares a key for verifying; done once per key.
 * Why: a MAC is made again and its *text* is compared, so a second spelling of it is refused for free;
 * a signature must be strict base64url of exactly the size that the algorithm has.
 * Throws: for a private key, whose public half alone is needed, and for a key of JWE.
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
 * Prepares a key for signing; done once per key.
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
  /** The operation it was made from: a row that was exchanged asks for a new one. */
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
