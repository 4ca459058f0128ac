import { decodeBase64url } from '../bytes/base64url.ts'
import { isJsonObject, parseStrictJson, type JsonValue } from '../bytes/strict-json.ts'
import { ok, refuse, type Result } from '../result.ts'
import type { JwsRefusal } from './refusal.ts'

/** A JWS header whose known members have the types that the RFCs ask for. */
export interface JwsHeader {
  readonly alg: string
  readonly kid?: string
  readonly typ?: string
  readonly cty?: string
  readonly [member: string]: JsonValue | undefined
}

/**
 * Reads the header of a token before its signature is proven.
 * Refuses: `malformed` (not base64url, not one strict JSON object, a known member of a wrong type),
 * `header_unsupported` (`crit` and `b64`: no extension is understood, so none may be critical).
 * Not checked: keys in a header (`jwk`, `jku`, `x5c`, `x5u`) are never read.
 * Source: RFC 7515 §4, §5.2; RFC 7797 §6; RFC 8725 §3.10.
 */
export function readHeader(text: string): Result<JwsHeader, JwsRefusal> {
  if (text.length > textMax) return malformed
  const bytes = decodeBase64url(text)
  if (bytes === undefined) return malformed
  const parsed = parseStrictJson(bytes, limits)
  if (!parsed.ok || !isJsonObject(parsed.value)) return malformed
  const members = parsed.value
  for (const name of unsupportedMembers) {
    if (Object.hasOwn(members, name)) return refuse({ reason: 'header_unsupported', member: name })
  }
  return hasKnownTypes(members) ? ok(members) : malformed
}

/** Units: characters; a header of 4096 bytes. */
const textMax = 5_462
const limits = { bytesMax: 4_096, depthMax: 6, membersMax: 64 }
const unsupportedMembers = ['crit', 'b64']
const malformed = refuse({ reason: 'malformed', part: 'header' })

function hasKnownTypes(header: { readonly [member: string]: JsonValue }): header is JwsHeader & {
  readonly [member: string]: JsonValue
} {
  if (typeof header['alg'] !== 'string') return false
  return ['kid', 'typ', 'cty'].every(
    (name) => !Object.hasOwn(header, name) || typeof header[name] === 'string',
  )
}

/**
 * Converts a media type to the one form in which types are compared.
 * Why: case does not count, and `application/` may be left out where no other slash follows.
 * Source: RFC 7515 §4.1.9; RFC 9068 §4.
 */
export function normaliseTyp(typ: string): string {
  const lower = typ.toLowerCase()
  const rest = lower.startsWith('application/') ? lower.slice('application/'.length) : ''
  return rest === '' || rest.includes('/') ? lower : rest
}
