import { decodeBase64url } from '../bytes/base64url.ts'
import { isJsonObject, parseStrictJson, type JsonObject } from '../bytes/strict-json.ts'
import { readHeader, type JwsHeader } from '../jws/header.ts'
import { ok, refuse, type Result } from '../result.ts'
import type { JwtRefusal } from './refusal.ts'

/** The content of a token that is not verified. Anyone may have written it. */
export interface UnverifiedJwt {
  readonly header: JwsHeader
  readonly claims: JsonObject
}

/**
 * Reads header and claims of a token without verifying them, for tools and for choosing an issuer.
 * Refuses: `too_large`, `malformed`, `header_unsupported`, `claims_malformed`.
 * Not checked: signature, times, issuer, audience and types of claims.
 * Source: RFC 7519 §7.2.
 */
export function decodeUnverified(token: string): Result<UnverifiedJwt, JwtRefusal> {
  if (typeof token !== 'string') return refuse({ reason: 'malformed', part: 'token' })
  if (token.length > bytesMax) return refuse({ reason: 'too_large', bytes: token.length, bytesMax })
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 1 || second === -1 || token.includes('.', second + 1)) {
    return refuse({ reason: 'malformed', part: 'token' })
  }
  const header = readHeader(token.slice(0, first))
  if (!header.ok) return header
  if (decodeBase64url(token.slice(second + 1)) === undefined) {
    return refuse({ reason: 'malformed', part: 'signature' })
  }
  const payload = decodeBase64url(token.slice(first + 1, second))
  if (payload === undefined) return refuse({ reason: 'malformed', part: 'payload' })
  const parsed = parseStrictJson(payload)
  if (!parsed.ok) return refuse({ reason: 'claims_malformed', cause: parsed.refusal.reason })
  if (!isJsonObject(parsed.value)) {
    return refuse({ reason: 'claims_malformed', cause: 'not_an_object' })
  }
  return ok({ header: header.value, claims: parsed.value })
}

/** Units: bytes. */
const bytesMax = 65_536
