import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { makeMaterial } from './material.ts'
import type { Material } from './material.ts'

/** A nested token's outer layer, and the keys of both. */
export interface NestedMaterial extends Material {
  readonly keyAlg: 'ECDH-ES+A256KW' | 'dir'
  readonly enc: 'A256GCM'
  /** PKCS#8 for ECDH, base64url bytes for `dir`. */
  readonly recipientPrivate: string
  readonly recipientPublic: string | undefined
}

/** The two kinds of nested tokens that are measured. */
export const nestedKinds = ['ECDH-ES+A256KW', 'dir'] as const

/** Signed tokens and a recipient's keys. Each contender adds the outer layer. */
export function makeNestedMaterial(keyAlg: NestedMaterial['keyAlg']): NestedMaterial {
  const signed = makeMaterial(keyAlg === 'dir' ? 'HS256' : 'ES256')
  if (keyAlg === 'dir')
    return {
      ...signed,
      keyAlg,
      enc: 'A256GCM',
      recipientPrivate: randomBytes(32).toString('base64url'),
      recipientPublic: undefined,
    }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    ...signed,
    keyAlg,
    enc: 'A256GCM',
    recipientPrivate: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    recipientPublic: publicKey.export({ type: 'spki', format: 'pem' }),
  }
}

/** Reads a contender's argument, the name of a file. */
export function readNested(file: string): NestedMaterial {
  const material: NestedMaterial = JSON.parse(readFileSync(file, 'utf8'))
  return material
}
