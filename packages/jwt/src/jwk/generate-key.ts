import { encodeBase64url } from '../bytes/base64url.ts'
import {
  freshBytes,
  generateMaterial,
  secretMaterial,
  type KeyObject,
} from '../crypto/key-objects.ts'
import { exportJwk } from './export-jwk.ts'
import { readKid } from './import-jwk.ts'
import { makeKey, type Key } from './key.ts'
import { isKeyAlgorithm, keyShapes, type KeyAlgorithm } from './key-shapes.ts'
import { thumbprint } from './thumbprint.ts'

/** Options of a new key. */
export interface GenerateOptions {
  readonly kid?: string
  /** For the ECDH-ES algorithms: the curve. Default: X25519. */
  readonly curve?: 'X25519' | 'P-256' | 'P-384' | 'P-521'
  /**
   * For `dir`: the size that `enc` needs.
   * Units: bits. Default: 256.
   */
  readonly bits?: 128 | 192 | 256 | 384 | 512
}

/**
 * Makes a new private or secret key; RSA keys have 2048 bits, secrets the size of their hash or cipher.
 * The default `kid` of a key pair is its thumbprint; that of a secret is random.
 * Throws: when the algorithm does not exist, the runtime lacks it, or an option does not fit it.
 * Source: RFC 7518 §3.2, §3.3; RFC 7638 (kid).
 */
export function generateKey(alg: KeyAlgorithm, options: GenerateOptions = {}): Key {
  if (!isKeyAlgorithm(alg)) throw new TypeError('generateKey: this alg does not exist here')
  const { kid } = options
  if (kid !== undefined && readKid(kid) === undefined) {
    throw new TypeError('generateKey: a kid is a text of 1 to 256 characters')
  }
  if (keyShapes[alg].kty === 'oct') {
    return makeKey(alg, kid ?? encodeBase64url(freshBytes(16)), generateSecret(alg, options))
  }
  const material = generatePair(alg, options)
  return makeKey(alg, kid ?? thumbprint(exportJwk(makeKey(alg, undefined, material))), material)
}

function generateSecret(alg: KeyAlgorithm, { bits }: GenerateOptions): KeyObject {
  const { bitsMin, bitsExactly = [] } = keyShapes[alg]
  const size = bits ?? bitsExactly[0] ?? bitsMin
  if (bits !== undefined && !bitsExactly.includes(bits)) {
    throw new TypeError(`generateKey: ${alg} has no secret of ${bits} bits`)
  }
  return secretMaterial(freshBytes(size / 8))
}

function generatePair(alg: KeyAlgorithm, { curve }: GenerateOptions): KeyObject {
  const { kty, names } = keyShapes[alg]
  const name = curve ?? names[0] ?? kty
  if (curve !== undefined && !names.includes(curve)) {
    throw new TypeError(`generateKey: ${alg} is not used with ${curve}`)
  }
  const material = generateMaterial(name)
  if (material === undefined) throw new TypeError(`generateKey: this runtime lacks ${name}`)
  return material
}
