import type { KeyObject } from '../crypto/key-objects.ts'
import { keyShapes, type KeyAlgorithm } from './key-shapes.ts'

/**
 * A key bound to one algorithm and one use.
 * Why: its material is in no member, so no log and no serialiser can print it.
 */
export interface Key {
  readonly alg: KeyAlgorithm
  readonly kid: string | undefined
  readonly use: 'sig' | 'enc'
  readonly kind: 'secret' | 'public' | 'private'
}

const materials = new WeakMap<Key, KeyObject>()

/** The one maker of keys; its callers have checked that the material fits the algorithm. */
export function makeKey(alg: KeyAlgorithm, kid: string | undefined, material: KeyObject): Key {
  const key: Key = Object.freeze({ alg, kid, use: keyShapes[alg].use, kind: material.type })
  materials.set(key, material)
  return key
}

/**
 * The runtime's handle on a key, for the folders that compute with it.
 * Throws: for an object that `importKey`, `generateKey` or `publicKeyOf` did not make.
 */
export function materialOf(key: Key): KeyObject {
  const material = materials.get(key)
  if (material === undefined) {
    throw new TypeError('not a key made by importKey, generateKey, publicKeyOf or createKeySet')
  }
  return material
}
