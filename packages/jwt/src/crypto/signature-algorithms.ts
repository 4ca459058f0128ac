import { Buffer } from 'node:buffer'
import { constants, sign, verify, type KeyObject } from 'node:crypto'

import { startsWithWeakPoint } from './weak-keys.ts'
import { prepareHmac, type HashName, type Mac } from './hmac.ts'

/** The names of the signature and MAC algorithms of JWS that exist here, those to prefer first. */
export const jwsAlgorithms = [
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'EdDSA',
  'Ed448',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'HS256',
  'HS384',
  'HS512',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
] as const

/** The name of a signature or MAC algorithm of JWS that exists here. */
export type JwsAlgorithm = (typeof jwsAlgorithms)[number]

/** The algorithms with a key pair: a verifier of their signatures cannot make one. */
export const asymmetricAlgorithms: readonly JwsAlgorithm[] = jwsAlgorithms.filter(
  (alg) => !alg.startsWith('HS'),
)

/** A row whose one operation makes a MAC; a verifier makes the MAC again. */
export interface MacAlgorithm {
  readonly family: 'mac'
  readonly alg: JwsAlgorithm
  readonly mac: (secret: KeyObject) => Mac
}

/** A row with a private operation that signs and a public one that verifies. */
export interface AsymmetricAlgorithm {
  readonly family: 'signature'
  readonly alg: JwsAlgorithm
  /**
   * The exact size of a signature under a key. A signature of another size is refused without a look at
   * it.
   */
  readonly signatureBytes: (key: KeyObject) => number
  readonly sign: (key: KeyObject) => (text: string, end: number) => Buffer
  readonly verify: (key: KeyObject) => VerifyText
}

/** Verifies a signature over the first `end` letters of an ASCII text. */
export type VerifyText = (text: string, end: number, signature: Uint8Array) => boolean

export type SignatureAlgorithm = MacAlgorithm | AsymmetricAlgorithm

/**
 * All JWS algorithms, one row each; nothing else calls the runtime's signatures.
 * Why: the table is closed; `none` and other names in a header have no row. A function of a row takes a
 * key once and prepares it, and is then called with texts.
 * Source: RFC 7518 §3; RFC 8037 §3.1; RFC 9864 §2.2 (`Ed25519`, `Ed448`); RFC 9964 (ML-DSA).
 */
export const signatureAlgorithms: Readonly<Record<JwsAlgorithm, SignatureAlgorithm>> = {
  HS256: hmac('HS256', 'sha256'),
  HS384: hmac('HS384', 'sha384'),
  HS512: hmac('HS512', 'sha512'),
  RS256: rsa('RS256', 'sha256', constants.RSA_PKCS1_PADDING),
  RS384: rsa('RS384', 'sha384', constants.RSA_PKCS1_PADDING),
  RS512: rsa('RS512', 'sha512', constants.RSA_PKCS1_PADDING),
  PS256: rsa('PS256', 'sha256', constants.RSA_PKCS1_PSS_PADDING, 32),
  PS384: rsa('PS384', 'sha384', constants.RSA_PKCS1_PSS_PADDING, 48),
  PS512: rsa('PS512', 'sha512', constants.RSA_PKCS1_PSS_PADDING, 64),
  ES256: ecdsa('ES256', 'sha256', 64),
  ES384: ecdsa('ES384', 'sha384', 96),
  ES512: ecdsa('ES512', 'sha512', 132),
  Ed25519: edwards('Ed25519', 'Ed25519', 64),
  EdDSA: edwards('EdDSA', 'Ed25519', 64),
  Ed448: edwards('Ed448', 'Ed448', 114),
  'ML-DSA-44': oneShot('ML-DSA-44', 2420),
  'ML-DSA-65': oneShot('ML-DSA-65', 3309),
  'ML-DSA-87': oneShot('ML-DSA-87', 4627),
}

/** Tells whether a value from outside is the name of a signature algorithm of the table. */
export function isJwsAlgorithm(name: unknown): name is JwsAlgorithm {
  return typeof name === 'string' && Object.hasOwn(signatureAlgorithms, name)
}

/**
 * The one name of an algorithm that has two: `EdDSA` is here `Ed25519`; every other name stays as it is.
 * Source: RFC 9864 §2.2, §4.1.2 (`EdDSA` is deprecated for the name of its curve).
 */
export function currentName(alg: string): string {
  return alg === 'EdDSA' ? 'Ed25519' : alg
}

function hmac(alg: JwsAlgorithm, hash: HashName): MacAlgorithm {
  return { family: 'mac', alg, mac: (secret) => prepareHmac(hash, secret.export()) }
}

function rsa(
  alg: JwsAlgorithm,
  hash: HashName,
  padding: number,
  saltLength?: number,
): AsymmetricAlgorithm {
  const salt = saltLength === undefined ? {} : { saltLength }
  return {
    family: 'signature',
    alg,
    signatureBytes: (key) => Math.ceil(Number(key.asymmetricKeyDetails?.modulusLength) / 8),
    sign: (key) => signWith(hash, { key, padding, ...salt }),
    verify: (key) => verifyWith(hash, { key, padding, ...salt }),
  }
}

const dsaEncoding = 'ieee-p1363'

/** RFC 7518 §3.4: the two numbers one after the other at full length, never DER. */
function ecdsa(alg: JwsAlgorithm, hash: HashName, bytes: number): AsymmetricAlgorithm {
  return {
    family: 'signature',
    alg,
    signatureBytes: () => bytes,
    sign: (key) => signWith(hash, quickForm(hash, key, bytes) ?? { key, dsaEncoding }),
    verify: (key) => verifyWith(hash, { key, dsaEncoding }),
  }
}

/** Schemes that bring their own hash; ML-DSA is used with an empty context (RFC 9964 §4). */
function oneShot(alg: JwsAlgorithm, bytes: number): AsymmetricAlgorithm {
  return {
    family: 'signature',
    alg,
    signatureBytes: () => bytes,
    sign: (key) => signWith(undefined, key),
    verify: (key) => verifyWith(undefined, { key }),
  }
}

/** EdDSA without points of small order, which the runtimes judge differently. */
function edwards(
  alg: JwsAlgorithm,
  curve: 'Ed25519' | 'Ed448',
  bytes: number,
): AsymmetricAlgorithm {
  const row = oneShot(alg, bytes)
  return {
    ...row,
    verify: (key) => {
      const verifyText = row.verify(key)
      return (text, end, signature) =>
        !startsWithWeakPoint(curve, signature) && verifyText(text, end, signature)
    },
  }
}

interface RuntimeKey {
  readonly key: KeyObject
  readonly padding?: number
  readonly saltLength?: number
  readonly dsaEncoding?: 'ieee-p1363'
}

function signWith(
  hash: HashName | undefined,
  key: RuntimeKey | KeyObject,
): (text: string, end: number) => Buffer {
  return (text, end) => sign(hash, asciiBytes(text, end), key)
}

/**
 * A copy of a private key that carries the encoding itself; `undefined` where the runtime does not read it there.
 * Why: Node asks first whether an object with options is a URL, which takes 1 µs of each signature. One trial per key
 * shows that the signature has the right size.
 */
function quickForm(hash: HashName, key: KeyObject, bytes: number): KeyObject | undefined {
  try {
    const copy = Object.defineProperty(structuredClone(key), 'dsaEncoding', { value: dsaEncoding })
    return sign(hash, scratch, copy).length === bytes ? copy : undefined
  } catch {
    return undefined
  }
}

/** The runtime throws on some malformed signatures and keys; the answer is `false` for them too. */
function verifyWith(hash: HashName | undefined, key: RuntimeKey): VerifyText {
  return (text, end, signature) => {
    try {
      return verify(hash, asciiBytes(text, end), key, signature)
    } catch {
      return false
    }
  }
}

const scratch = Buffer.alloc(8192)

/** A token is ASCII: its text is its bytes. The bytes are used up before the next call. */
function asciiBytes(text: string, end: number): Buffer {
  if (end > scratch.length) return Buffer.from(text.slice(0, end), 'latin1')
  scratch.write(text, 0, 'latin1')
  return scratch.subarray(0, end)
}
