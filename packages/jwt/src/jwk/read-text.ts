import { Buffer } from 'node:buffer'

import { isJsonObject, parseStrictJson } from '../bytes/strict-json.ts'
import { isBarePoint, readDerMaterial, type KeyObject } from '../crypto/key-objects.ts'
import { pemBegin, readPem } from '../crypto/pem.ts'
import type { Jwk } from './jwk.ts'
import { asAscii, fromDigits, unwrapped } from './text-encodings.ts'

/** The kind of a text or bytes; `foreign` is a key's text that is broken or of another format. */
export type ReadText =
  | { readonly key: KeyObject }
  | { readonly jwk: Jwk }
  | { readonly foreign: ForeignText }

export type ForeignText = 'pem' | 'pems' | 'ssh' | 'jwk' | 'xml' | 'point'

/**
 * Finds the key in a text or bytes, also in base64, hex, percent-encoding, quotes or UTF-16; `undefined` when there is none.
 * Why: the same reader serves asymmetric keys, which need it, and secrets, which must not be one.
 */
export function readText(material: string | Uint8Array): ReadText | undefined {
  const text = typeof material === 'string' ? material : Buffer.from(material).toString('latin1')
  return text.length > textMax ? undefined : readLayer(text, layersMax)
}

function readLayer(given: string, layers: number): ReadText | undefined {
  const text = asAscii(given)
  const plain = readPlain(text)
  if (plain !== undefined) return plain
  const bytes = Buffer.from(given, 'latin1')
  const key = readDerMaterial(bytes)
  if (key !== undefined) return { key }
  if (isBarePoint(bytes)) return { foreign: 'point' }
  const digits = layers > 1 ? fromDigits(text) : undefined
  const inDigits = digits === undefined ? undefined : readLayer(digits, layers - 1)
  const found = inDigits ?? findMark(text)
  if (found !== undefined || layers === 1) return found
  for (const inner of unwrapped(text)) {
    const wrapped = readLayer(inner, layers - 1)
    if (wrapped !== undefined) return wrapped
  }
  return undefined
}

/** Units: characters. No accepted key is longer; an RSA key of 16384 bits needs 13,000. */
const textMax = 65_536
const layersMax = 4

function readPlain(text: string): ReadText | undefined {
  if (text.includes(pemBegin)) {
    const read = readPem(text.replaceAll('\\r', '').replaceAll('\\n', '\n'))
    if ('key' in read) return read
    return { foreign: read.fault === 'several' ? 'pems' : 'pem' }
  }
  const jwk = text.startsWith('{') ? readJwk(text) : undefined
  if (jwk !== undefined) return { jwk }
  return sshPrefixes.some((prefix) => text.startsWith(prefix)) ? { foreign: 'ssh' } : undefined
}

function findMark(text: string): ReadText | undefined {
  const lower = text.toLowerCase()
  const mark = marks.find(([sign]) => lower.includes(sign))
  return mark && { foreign: mark[1] }
}

function readJwk(text: string): Jwk | undefined {
  const parsed = parseStrictJson(text)
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined
  const { kty } = parsed.value
  return typeof kty === 'string' ? { ...parsed.value, kty } : undefined
}

const sshPrefixes = ['ssh-', 'ecdsa-sha2-', 'sk-ssh-', 'sk-ecdsa-', '---- BEGIN SSH2']

/** Texts, in lower case, that the text of a key contains and a random secret does not. */
const marks: readonly (readonly [string, ForeignText])[] = [
  ['-----begin ', 'pem'],
  // "-----BEGIN" in base64.
  ['ls0tls1crudjti', 'pem'],
  // The members of a set, of a list, of JSON that is not strict, of JSON within JSON.
  ['"kty"', 'jwk'],
  ['\\"kty\\"', 'jwk'],
  // "ssh-rsa", "ssh-ed25519" and "ecdsa-sha2-" as the blob of such a key begins.
  ['aaaab3nzac1yc2e', 'ssh'],
  ['aaaac3nzac1lzdi1nte5', 'ssh'],
  ['aaaae2vjzhnhlxnoyti', 'ssh'],
  // The same blobs in bytes: a length and a name.
  ['\u{7}ssh-rsa', 'ssh'],
  ['\u{b}ssh-ed25519', 'ssh'],
  ['\u{13}ecdsa-sha2-nistp', 'ssh'],
  ['<modulus>', 'xml'],
]
