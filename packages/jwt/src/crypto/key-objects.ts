import { Buffer } from 'node:buffer'
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'

export type { KeyObject }

/** Facts that the runtime gives about a key. */
export interface KeyFacts {
  readonly kind: 'secret' | 'public' | 'private'
  readonly kty: 'oct' | 'RSA' | 'EC' | 'OKP' | 'AKP' | 'other'
  /** The JOSE name of a curve or of an ML-DSA parameter set, or the runtime's name for other keys. */
  readonly name: string
  readonly bits: number
}

/** Wraps secret bytes. */
export function secretMaterial(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes)
}

/** Tells whether a value is the runtime's own handle on a key. */
export function isKeyObject(value: unknown): value is KeyObject {
  return value instanceof KeyObject
}

/** Reads a JWK whose members were checked; `undefined` when the runtime refuses it. */
export function readJwkMaterial(
  jwk: Readonly<Record<string, unknown>>,
  kind: 'public' | 'private',
): KeyObject | undefined {
  const source = { format: 'jwk', key: { ...jwk } } as const
  return undefinedIfThrown(() =>
    kind === 'private' ? createPrivateKey(source) : createPublicKey(source),
  )
}

/** Writes a key as a JWK; `undefined` when it has none. */
export function writeJwkMaterial(key: KeyObject): Readonly<Record<string, unknown>> | undefined {
  return undefinedIfThrown(() => ({ ...key.export({ format: 'jwk' }) }))
}

/** Reads DER (PKCS#8, SPKI, PKCS#1, SEC1, certificate); the private forms first, since a public reader also takes those. */
export function readDerMaterial(der: Uint8Array): KeyObject | undefined {
  if (der[0] !== 0x30) return undefined
  const key = Buffer.from(der)
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const found = undefinedIfThrown(() => createPrivateKey({ key, format: 'der', type }))
    if (found !== undefined) return found
  }
  for (const type of ['spki', 'pkcs1'] as const) {
    const found = undefinedIfThrown(() => createPublicKey({ key, format: 'der', type }))
    if (found !== undefined) return found
  }
  return undefinedIfThrown(() => new X509Certificate(key).publicKey)
}

/**
 * Tells whether bytes are an uncompressed point (`04`, `x`, `y`) on P-256, P-384 or P-521.
 * Not checked: compressed points, since half of all random bytes of their form are one.
 * Source: SEC 1 §2.3.3.
 */
export function isBarePoint(bytes: Uint8Array): boolean {
  const crv = pointCurves.get(bytes.length)
  if (crv === undefined || bytes[0] !== 4) return false
  const middle = (bytes.length + 1) / 2
  const x = Buffer.from(bytes.subarray(1, middle)).toString('base64url')
  const y = Buffer.from(bytes.subarray(middle)).toString('base64url')
  return readJwkMaterial({ kty: 'EC', crv, x, y }, 'public') !== undefined
}

/** Units of the keys: bytes. */
const pointCurves: ReadonlyMap<number, string> = new Map([
  [65, 'P-256'],
  [97, 'P-384'],
  [133, 'P-521'],
])

/** The public half of a private key. */
export function publicMaterial(key: KeyObject): KeyObject {
  return createPublicKey(key)
}

/** Returns kind, type, curve and size of a key. */
export function factsOf(key: KeyObject): KeyFacts {
  const { type: kind } = key
  if (kind === 'secret') {
    return { kind, kty: 'oct', name: 'oct', bits: Number(key.symmetricKeySize) * 8 }
  }
  const type = String(key.asymmetricKeyType)
  if (type === 'rsa') {
    return { kind, kty: 'RSA', name: 'RSA', bits: Number(key.asymmetricKeyDetails?.modulusLength) }
  }
  if (type === 'ec') {
    const curve = String(key.asymmetricKeyDetails?.namedCurve)
    return { kind, kty: 'EC', name: curveNames.get(curve) ?? curve, bits: 0 }
  }
  const [kty, name] = typeNames.get(type) ?? ['other' as const, type]
  return { kind, kty, name, bits: 0 }
}

const curveNames: ReadonlyMap<string, string> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
  ['secp521r1', 'P-521'],
])

const typeNames: ReadonlyMap<string, readonly ['OKP' | 'AKP', string]> = new Map([
  ['ed25519', ['OKP', 'Ed25519']],
  ['ed448', ['OKP', 'Ed448']],
  ['x25519', ['OKP', 'X25519']],
  ['x448', ['OKP', 'X448']],
  ['ml-dsa-44', ['AKP', 'ML-DSA-44']],
  ['ml-dsa-65', ['AKP', 'ML-DSA-65']],
  ['ml-dsa-87', ['AKP', 'ML-DSA-87']],
])

/** Makes a private key: RSA of 2048 bits, a curve or a parameter set by its JOSE name; `undefined` where the runtime lacks it. */
export function generateMaterial(name: string): KeyObject | undefined {
  return undefinedIfThrown(() => generators[name]?.())
}

const generators: Readonly<Record<string, () => KeyObject>> = {
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
  Ed448: () => generateKeyPairSync('ed448').privateKey,
  X25519: () => generateKeyPairSync('x25519').privateKey,
  'ML-DSA-44': () => generateKeyPairSync('ml-dsa-44').privateKey,
  'ML-DSA-65': () => generateKeyPairSync('ml-dsa-65').privateKey,
  'ML-DSA-87': () => generateKeyPairSync('ml-dsa-87').privateKey,
}

/** Tells whether the runtime has keys of a curve or parameter set; asked once, then remembered. */
export function runtimeOffers(name: string): boolean {
  if (!isOptional(name)) return true
  const known = offers.get(name)
  if (known !== undefined) return known
  const offered = generateMaterial(name) !== undefined
  offers.set(name, offered)
  return offered
}

const offers = new Map<string, boolean>()

function isOptional(name: string): boolean {
  return name === 'Ed448' || name.startsWith('ML-DSA-')
}

/** Fresh random bytes. */
export function freshBytes(count: number): Buffer {
  return randomBytes(count)
}

/** SHA-256 as base64url. */
export function sha256Base64url(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('base64url')
}

function undefinedIfThrown<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
