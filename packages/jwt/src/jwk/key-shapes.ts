import type { JweKeyAlgorithm } from '../crypto/key-management.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from '../crypto/signature-algorithms.ts'

/** An algorithm that a key can be bound to. */
export type KeyAlgorithm = JwsAlgorithm | JweKeyAlgorithm

/** The shape of a key for an algorithm. */
export interface KeyShape {
  readonly kty: 'oct' | 'RSA' | 'EC' | 'OKP' | 'AKP'
  readonly use: 'sig' | 'enc'
  /** The curves or parameter sets that fit; empty for `oct` and `RSA`. The first is what is generated. */
  readonly names: readonly string[]
  /** Units: bits. For `oct` the least and, where it is fixed, the only sizes. */
  readonly bitsMin: number
  readonly bitsExactly?: readonly number[]
  /** The error text for other keys: "ES256 needs …". */
  readonly needs: string
}

/**
 * The keys that fit an algorithm, one row for each algorithm.
 * Why: a key is bound to one algorithm when it is imported, so no token can choose another for it.
 * Source: RFC 7518 §3.2 (secret as long as the hash), §3.3 and §4.3 (RSA of 2048 bits), §3.4, §4.4,
 * §4.6; RFC 8037 §2; RFC 9964 §3; RFC 8725 §3.1.
 */
export const keyShapes: Readonly<Record<KeyAlgorithm, KeyShape>> = {
  HS256: secret('sig', 256),
  HS384: secret('sig', 384),
  HS512: secret('sig', 512),
  RS256: rsaShape('sig'),
  RS384: rsaShape('sig'),
  RS512: rsaShape('sig'),
  PS256: rsaShape('sig'),
  PS384: rsaShape('sig'),
  PS512: rsaShape('sig'),
  ES256: curveShape('EC', 'sig', 'P-256'),
  ES384: curveShape('EC', 'sig', 'P-384'),
  ES512: curveShape('EC', 'sig', 'P-521'),
  Ed25519: curveShape('OKP', 'sig', 'Ed25519'),
  EdDSA: curveShape('OKP', 'sig', 'Ed25519'),
  Ed448: curveShape('OKP', 'sig', 'Ed448'),
  'ML-DSA-44': curveShape('AKP', 'sig', 'ML-DSA-44'),
  'ML-DSA-65': curveShape('AKP', 'sig', 'ML-DSA-65'),
  'ML-DSA-87': curveShape('AKP', 'sig', 'ML-DSA-87'),
  // The size that `dir` needs depends on `enc`. The first size, 256 bits, is the one that is generated.
  dir: secret('enc', 128, [256, 128, 192, 384, 512]),
  A128KW: secret('enc', 128, [128]),
  A192KW: secret('enc', 192, [192]),
  A256KW: secret('enc', 256, [256]),
  A128GCMKW: secret('enc', 128, [128]),
  A192GCMKW: secret('enc', 192, [192]),
  A256GCMKW: secret('enc', 256, [256]),
  'ECDH-ES': agreementShape(),
  'ECDH-ES+A128KW': agreementShape(),
  'ECDH-ES+A192KW': agreementShape(),
  'ECDH-ES+A256KW': agreementShape(),
  'RSA-OAEP-256': rsaShape('enc'),
  'RSA-OAEP-384': rsaShape('enc'),
  'RSA-OAEP-512': rsaShape('enc'),
}

/** Tells whether a value from outside names an algorithm that keys can be bound to. */
export function isKeyAlgorithm(name: unknown): name is KeyAlgorithm {
  return isJwsAlgorithm(name) || (typeof name === 'string' && Object.hasOwn(keyShapes, name))
}

/** Units: bits. A peer must not cause the cost of a larger modulus. */
export const rsaBitsMax = 16_384

function secret(use: 'sig' | 'enc', bitsMin: number, bitsExactly?: readonly number[]): KeyShape {
  const size = bitsExactly?.length === 1 ? `exactly ${bitsMin}` : `at least ${bitsMin}`
  const shape = { kty: 'oct', use, names: [], bitsMin, needs: `a secret of ${size} bits` } as const
  return bitsExactly === undefined ? shape : { ...shape, bitsExactly }
}

function rsaShape(use: 'sig' | 'enc'): KeyShape {
  return { kty: 'RSA', use, names: [], bitsMin: 2048, needs: 'an RSA key of at least 2048 bits' }
}

function curveShape(kty: 'EC' | 'OKP' | 'AKP', use: 'sig' | 'enc', name: string): KeyShape {
  return { kty, use, names: [name], bitsMin: 0, needs: `a key of type ${kty} (${name})` }
}

function agreementShape(): KeyShape {
  return {
    kty: 'OKP',
    use: 'enc',
    names: ['X25519', 'P-256', 'P-384', 'P-521'],
    bitsMin: 0,
    needs: 'a key on P-256, P-384, P-521 or X25519',
  }
}
