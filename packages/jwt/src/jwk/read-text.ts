import { Buffer } from 'node:buffer'

import { isJsonObject, parseStrictJson } from '../bytes/strict-json.ts'
import {
  pemBegin,
  readDerMaterial,
  readPemMaterial,
  type KeyObject,
} from '../crypto/key-objects.ts'
import type { Jwk } from './jwk.ts'

/** The kind of a text or bytes; `foreign` is a key's text that is broken or of another format. */
export type ReadText =
  | { readonly key: KeyObject }
  | { readonly jwk: Jwk }
  | { readonly foreign: ForeignText }

export type ForeignText = 'pem' | 'ssh' | 'jwk' | 'xml'

/**
 * Finds the key in a text or bytes, in base64 or hex too; `undefined` when there is none.
 * Why: the same reader serves asymmetric keys, which need it, and secrets, which must not be one.
 */
export function readText(material: string | Uint8Array): ReadText | undefined {
  const text = typeof material === 'string' ? material : Buffer.from(material).toString('latin1')
  return text.length > textMax ? undefined : readLayer(text, layersMax)
}

function readLayer(text: string, layers: number): ReadText | undefined {
  const plain = readPlain(text)
  if (plain !== undefined) return plain
  const key = readDerMaterial(Buffer.from(text, 'latin1'))
  if (key !== undefined) return { key }
  const inner = layers > 1 ? (fromHex(text) ?? fromBase64(text)) : undefined
  const found = inner && readLayer(inner.toString('latin1'), layers - 1)
  return found ?? findMark(text)
}

/** Units: characters. No accepted key is longer; an RSA key of 16384 bits needs 13,000. */
const textMax = 65_536
const layersMax = 3

/** Without zeros, so that UTF-16 reads like the ASCII it holds. */
function readPlain(given: string): ReadText | undefined {
  const text = given.replaceAll('\0', '').trim()
  if (text.includes(pemBegin)) {
    const key = readPemMaterial(text.replaceAll('\\r', '').replaceAll('\\n', '\n'))
    return key === undefined ? { foreign: 'pem' } : { key }
  }
  const jwk = text.startsWith('{') ? readJwk(text) : undefined
  if (jwk !== undefined) return { jwk }
  return sshPrefixes.some((prefix) => text.startsWith(prefix)) ? { foreign: 'ssh' } : undefined
}

function findMark(text: string): ReadText | undefined {
  const lower = text.replaceAll('\0', '').toLowerCase()
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
  ['<modulus>', 'xml'],
]

/** Base64 of either alphabet, wrapped or not; short texts and odd letters are none. */
function fromBase64(text: string): Buffer | undefined {
  const dense = withoutSpace(text)
  if (dense.length < 40) return undefined
  const bytes = Buffer.from(dense, 'base64')
  const letters = dense.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
  return bytes.toString('base64url') === letters ? bytes : undefined
}

/** Hex of DER, which begins with 30. */
function fromHex(text: string): Buffer | undefined {
  const dense = withoutSpace(text).replaceAll(':', '').toLowerCase()
  if (dense.length < 40 || !dense.startsWith('30')) return undefined
  const bytes = Buffer.from(dense, 'hex')
  return bytes.toString('hex') === dense ? bytes : undefined
}

function withoutSpace(text: string): string {
  return text.replaceAll('\n', '').replaceAll('\r', '').replaceAll('\t', '').replaceAll(' ', '')
}
