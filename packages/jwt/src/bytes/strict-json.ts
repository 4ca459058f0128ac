import { Buffer } from 'node:buffer'

import { refuse, type Result } from '../result.ts'
import type { JsonValue } from './json-value.ts'
import { readJson } from './read-json.ts'
import { isModestAscii, shortestLength } from './compact-json.ts'

export type { JsonObject, JsonValue } from './json-value.ts'

/** Limits on the cost of a text. The defaults are those of `defaultJsonLimits`. */
export interface JsonLimits {
  readonly bytesMax?: number
  /** Objects and arrays within each other; a flat object has depth 1. */
  readonly depthMax?: number
  /** Members of all objects together; 1,048,574 at most. */
  readonly membersMax?: number
}

/** The reason why a text is not strict JSON. No arm carries a part of the text. */
export type JsonRefusal =
  | { readonly reason: 'json_too_large'; readonly bytesMax: number }
  | { readonly reason: 'json_too_deep'; readonly depthMax: number }
  | { readonly reason: 'json_too_many_members'; readonly membersMax: number }
  | { readonly reason: 'json_not_utf8' }
  | { readonly reason: 'json_syntax' }
  | { readonly reason: 'json_duplicate_member' }
  | { readonly reason: 'json_forbidden_member' }
  | { readonly reason: 'json_number_out_of_range' }
  | { readonly reason: 'json_lone_surrogate' }

/** The limits where a caller names none. */
const defaultJsonLimits = { bytesMax: 65_536, depthMax: 16, membersMax: 1_024 } as const

/**
 * Reads JSON that means the same to every reader.
 * Refuses: duplicate members at any depth, a byte order mark, bytes that are no UTF-8, lone surrogates,
 * the member `__proto__`, numbers beyond the range of a double, and texts beyond `limits`.
 * Why: size and depth are known before the runtime's parser sees the text. Duplicates are found by
 * counting the members of the text and of the value, unless the length alone excludes them.
 * Source: RFC 8259; RFC 7493 (I-JSON) §2; RFC 7515 §4; RFC 7519 §4.
 */
export function parseStrictJson(
  input: Uint8Array | string,
  limits: JsonLimits = defaultJsonLimits,
): Result<JsonValue, JsonRefusal> {
  const given = { ...defaultJsonLimits, ...limits }
  const full = { ...given, membersMax: Math.min(given.membersMax, membersMask - 1) }
  if (input.length > full.bytesMax) return tooLarge(full.bytesMax)
  if (typeof input === 'string') {
    if (!input.isWellFormed()) return loneSurrogate
    const bytes = Buffer.from(input, 'utf8')
    if (bytes.length > full.bytesMax) return tooLarge(full.bytesMax)
    return parseStrictJsonLetters(bytes.toString('latin1'), full)
  }
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  return parseStrictJsonLetters(bytes.toString('latin1'), full)
}

/**
 * Does the same for a text with one letter, U+0000 to U+00FF, for each byte. The caller limits the size.
 */
export function parseStrictJsonLetters(
  letters: string,
  { depthMax, membersMax }: Required<Omit<JsonLimits, 'bytesMax'>>,
): ReadJson {
  const modest = isModestAscii(letters, depthMax, membersMax)
  const early = modest ? parseOrUndefined(letters) : undefined
  if (modest) {
    if (early === undefined) return syntax
    if (shortestLength(early) === letters.length) return { ok: true, value: early, plain: true }
  }
  const bytes = Buffer.from(letters, 'latin1')
  const found = scanBytes(bytes, depthMax)
  if (found === tooDeep) return refuse({ reason: 'json_too_deep', depthMax })
  const members = found & membersMask
  if (members > membersMax) return refuse({ reason: 'json_too_many_members', membersMax })
  const text = (found & beyondAscii) === 0 ? letters : decodeUtf8(bytes)
  if (text === undefined) return notUtf8
  const value = early ?? ((found & escapedName) === 0 ? parseOrUndefined(text) : readJson(text))
  if (value === undefined) return syntax
  const counted = countMembers(value)
  if (counted !== members) return refusalOfCount(counted)
  // A raw surrogate is no UTF-8, so only an escape can bring one.
  if ((found & escaped) !== 0 && !isWellFormed(value)) return loneSurrogate
  return { ok: true, value, plain: found === members }
}

/**
 * Reads the bytes once. It counts members by the colons outside of strings, and marks whether a string
 * holds an escape or a byte beyond ASCII.
 * Why: it returns one number, because this loop is most of the cost of strictness.
 */
function scanBytes(bytes: Uint8Array, depthMax: number): number {
  const end = bytes.length
  let members = 0
  let depth = 0
  let seen = 0
  let marks = 0
  let before = 0
  for (let at = 0; at < end; at += 1) {
    let byte = bytes[at] as number
    if (byte === quote) {
      const kind = before === colon || before === openArray ? escaped : escaped | escapedName
      for (at += 1; at < end; at += 1) {
        byte = bytes[at] as number
        if (byte === quote) break
        seen |= byte
        if (byte === del) marks |= hidden
        else if (byte === backslash) {
          marks |= kind
          at += 1
        }
      }
    } else if (byte === colon) {
      members += 1
    } else if (byte === openObject || byte === openArray) {
      depth += 1
      if (depth > depthMax) return tooDeep
    } else if (byte === closeObject || byte === closeArray) {
      depth -= 1
    }
    if (byte > space) before = byte
  }
  if (seen >= 0x80) marks |= beyondAscii
  return Math.min(members, membersMask) | marks
}

const membersMask = 0xf_ffff
const escaped = 0x10_0000
const beyondAscii = 0x20_0000
/** The string with the escape may be the name of a member. */
const escapedName = 0x40_0000
/** DEL, the one control character that JSON allows without an escape. */
const hidden = 0x80_0000
const tooDeep = -1

/** `plain`: the text was ASCII without escapes and DEL, so its strings hold no control characters. */
export type ReadJson =
  | { readonly ok: true; readonly value: JsonValue; readonly plain: boolean }
  | { readonly ok: false; readonly refusal: JsonRefusal }

const space = 0x20
const quote = 0x22
const backslash = 0x5c
const del = 0x7f
const colon = 0x3a
const openObject = 0x7b
const openArray = 0x5b
const closeObject = 0x7d
const closeArray = 0x5d

const notUtf8 = refuse({ reason: 'json_not_utf8' })
const syntax = refuse({ reason: 'json_syntax' })
const loneSurrogate = refuse({ reason: 'json_lone_surrogate' })

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function tooLarge(bytesMax: number): Refused {
  return refuse({ reason: 'json_too_large', bytesMax })
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

function refusalOfCount(counted: number): Refused {
  if (counted === forbiddenMember) return refuse({ reason: 'json_forbidden_member' })
  if (counted === outOfRange) return refuse({ reason: 'json_number_out_of_range' })
  return refuse({ reason: 'json_duplicate_member' })
}

type Refused = Extract<ReadJson, { readonly ok: false }>

const forbiddenMember = -1
const outOfRange = -2

/** The members of all objects in a value, or a negative number for what may not be in it. */
function countMembers(value: JsonValue): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : outOfRange
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (isList(value)) {
    for (const element of value) {
      const inner = countMembers(element)
      if (inner < 0) return inner
      count += inner
    }
    return count
  }
  for (const name in value) {
    if (name === '__proto__') return forbiddenMember
    const member = value[name]
    count += 1
    if (typeof member === 'string' || member === undefined) continue
    const inner = countMembers(member)
    if (inner < 0) return inner
    count += inner
  }
  return count
}

function isWellFormed(value: JsonValue): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  if (isList(value)) return value.every(isWellFormed)
  return Object.entries(value).every(
    ([name, member]) => name.isWellFormed() && isWellFormed(member),
  )
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Narrows a value to one object that is no list. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
