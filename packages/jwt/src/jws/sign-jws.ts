import { encodeBase64url } from '../bytes/base64url.ts'
import { parseStrictJson } from '../bytes/strict-json.ts'
import type { Key } from '../jwk/key.ts'
import { prepareSign } from './prepare-key.ts'

/** Members that a signer may add to a header. */
export type ExtraHeader = Readonly<Record<string, unknown>>

/**
 * Signs bytes or a text (as UTF-8) in the compact form; `alg` and `kid` come from the key.
 * Throws: for a key that cannot sign, and for header members that the caller must not set.
 * Source: RFC 7515 §5.1, §7.1.
 */
export function signJws(payload: Uint8Array | string, key: Key, header: ExtraHeader = {}): string {
  const sign = prepareSign(key)
  return sign(`${writeHeader(key, header)}.${encodeBase64url(payload)}`)
}

/** Writes the header of a token as base64url. */
export function writeHeader({ alg, kid }: Key, extra: ExtraHeader): string {
  for (const name of reservedMembers) {
    if (Object.hasOwn(extra, name))
      throw new TypeError(`a header's ${name} must not be set by the caller`)
  }
  const text = JSON.stringify({ alg, ...(kid === undefined ? {} : { kid }), ...extra })
  const read = parseStrictJson(text)
  if (!read.ok) throw new TypeError(`this header is not strict JSON: ${read.refusal.reason}`)
  return encodeBase64url(text)
}

const reservedMembers = ['alg', 'kid', 'crit', 'b64', 'enc', 'zip']
