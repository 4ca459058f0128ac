import { factsOf, type KeyObject } from '../crypto/key-objects.ts'
import { readText, type ForeignText } from './read-text.ts'

/** Describes a value that was given as a key: its kind and size, never its content. */
export function looksLike(material: unknown): string {
  if (typeof material === 'string' || material instanceof Uint8Array) return describeText(material)
  if (typeof material !== 'object' || material === null) return `a value of type ${typeof material}`
  if (Array.isArray(material)) return 'a list'
  const { kty } = material as { readonly kty?: unknown }
  return typeof kty === 'string' ? describeJwk(kty) : 'an object that is no JWK'
}

function describeText(material: string | Uint8Array): string {
  const found = readText(material)
  if (found === undefined) {
    return typeof material === 'string'
      ? `a ${material.length}-character text`
      : `${material.length} bytes`
  }
  if ('key' in found) return describeMaterial(found.key)
  if ('jwk' in found) return describeJwk(found.jwk.kty)
  return foreignTexts[found.foreign]
}

const foreignTexts: Readonly<Record<ForeignText, string>> = {
  pem: 'PEM that holds no usable key',
  pems: 'PEM that holds several keys',
  ssh: 'an SSH public key',
  jwk: 'JSON with a JWK in it',
  xml: 'an RSA key in XML',
  point: 'the bare point of an EC public key',
}

/** Describes a key of the runtime. */
export function describeMaterial(key: KeyObject): string {
  const { kind, kty, name, bits } = factsOf(key)
  if (kty === 'oct') return `a ${bits}-bit secret`
  if (kty === 'RSA') return `a ${kind} RSA key of ${bits} bits`
  return `a ${kind} ${name} key`
}

function describeJwk(kty: string): string {
  return knownTypes.has(kty) ? `a JWK of type ${kty}` : 'a JWK of an unknown type'
}

const knownTypes = new Set(['oct', 'RSA', 'EC', 'OKP', 'AKP'])
