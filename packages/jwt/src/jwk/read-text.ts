import { Buffer } from 'node:buffer'

import { isJsonObject, parseStrictJson } from '../bytes/strict-json.ts'
import {
  pemBegin,
  readDerMaterial,
  readPemMaterial,
  type KeyObject,
} from '../crypto/key-objects.ts'
import type { Jwk } from './jwk.ts'

/** What a text or bytes turned out to be; `unreadable` is a key's text that is broken or foreign. */
export type ReadText =
  | { readonly key: KeyObject }
  | { readonly jwk: Jwk }
  | { readonly foreign: 'pem' | 'ssh' }

/**
 * Finds the key that a text or bytes spell; `undefined` when they spell none.
 * Why: the same reader serves asymmetric keys, which need it, and secrets, which must not be one.
 */
export function readText(material: string | Uint8Array): ReadText | undefined {
  const bytes = typeof material === 'string' ? undefined : material
  const text = typeof material === 'string' ? material : Buffer.from(material).toString('latin1')
  if (text.length > textMax) return undefined
  const direct = readPlain(text)
  if (direct !== undefined) return direct
  const der = bytes === undefined ? undefined : readDerMaterial(bytes)
  if (der !== undefined) return { key: der }
  const inner = fromBase64(text)
  if (inner === undefined) return undefined
  const plain = readPlain(inner.toString('latin1'))
  if (plain !== undefined) return plain
  const key = readDerMaterial(inner)
  return key && { key }
}

/** Units: characters. No key of ours is spelled longer; an RSA key of 16384 bits needs 13,000. */
const textMax = 65_536

function readPlain(given: string): ReadText | undefined {
  const text = given.trim()
  if (text.includes(pemBegin)) {
    const key = readPemMaterial(text.replaceAll('\\r', '').replaceAll('\\n', '\n'))
    return key === undefined ? { foreign: 'pem' } : { key }
  }
  if (sshPrefixes.some((prefix) => text.startsWith(prefix))) return { foreign: 'ssh' }
  if (!text.startsWith('{')) return undefined
  const parsed = parseStrictJson(text)
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined
  const { kty } = parsed.value
  return typeof kty === 'string' ? { jwk: { ...parsed.value, kty } } : undefined
}

const sshPrefixes = ['ssh-', 'ecdsa-sha2-', 'sk-ssh-', 'sk-ecdsa-', '---- BEGIN SSH2']

/** Base64 of either alphabet, wrapped or not; short texts and odd letters are none. */
function fromBase64(text: string): Buffer | undefined {
  const dense = text.replaceAll('\n', '').replaceAll('\r', '').trim()
  if (dense.length < 40) return undefined
  const bytes = Buffer.from(dense, 'base64')
  const letters = dense.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
  return bytes.toString('base64url') === letters ? bytes : undefined
}
