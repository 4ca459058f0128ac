import { decodeBase64url } from '../bytes/base64url.ts'
import { isJsonObject, parseStrictJson, type JsonValue } from '../bytes/strict-json.ts'
import { ok, refuse, type Result } from '../result.ts'
import type { JweRefusal } from './refusal.ts'

/** A protected header: one JSON object, of which these members were checked. */
export interface JweHeader {
  readonly alg: string
  readonly enc: string
  readonly kid?: string
  readonly cty?: string
  readonly [member: string]: JsonValue | undefined
}

/**
 * Reads a protected header.
 * Refuses: `malformed` (not base64url, not one strict JSON object, a known member of a wrong type);
 * `header_unsupported` (`crit`, `zip`, `b64`: we understand no extension and never decompress).
 * Not checked: keys in a header (`jwk`, `jku`, `x5c`, `x5u`) are never read.
 * Source: RFC 7516 §4.1, §5.2; RFC 8725 §3.6 (compression), §3.10.
 */
export function readHeader(text: string): Result<JweHeader, JweRefusal> {
  const bytes = decodeBase64url(text)
  if (bytes === undefined) return malformed
  const parsed = parseStrictJson(bytes, headerLimits)
  if (!parsed.ok || !isJsonObject(parsed.value)) return malformed
  const { alg, enc, kid, cty } = parsed.value
  if (typeof alg !== 'string' || typeof enc !== 'string') return malformed
  if (kid !== undefined && typeof kid !== 'string') return malformed
  if (cty !== undefined && typeof cty !== 'string') return malformed
  for (const member of unsupportedMembers) {
    if (Object.hasOwn(parsed.value, member)) return refuse({ reason: 'header_unsupported', member })
  }
  return ok({
    ...parsed.value,
    alg,
    enc,
    ...(kid === undefined ? {} : { kid }),
    ...(cty === undefined ? {} : { cty }),
  })
}

const headerLimits = { bytesMax: 4096, depthMax: 4, membersMax: 32 }

const unsupportedMembers = ['crit', 'zip', 'b64'] as const

const malformed = refuse({ reason: 'malformed', part: 'header' })
