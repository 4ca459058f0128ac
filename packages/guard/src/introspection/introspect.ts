import { ok, refuse, type EpochSeconds, type JwtClaims, type Result } from '@countersign/jwt'
import {
  defaultFetchLimits,
  fetchDocument,
  isAllowedAddress,
  type FetchPort,
} from '../outbound/fetch-document.ts'
import type { GuardRefusal } from '../refusal.ts'

/** How opaque tokens are asked about. Each one costs a call, so this is a choice and never a fallback. */
export interface IntrospectionOptions {
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  /** How long a good answer is believed. Units: seconds; 30 unless told otherwise. */
  readonly keepSeconds?: number
  /** Calls under way at a time; beyond them requests are answered 503. 50 unless told otherwise. */
  readonly callsMax?: number
  /** Takes answers that do not say whom the token is for. Weakens: tokens for other APIs pass. */
  readonly acceptMissingAudienceUnsafe?: boolean
}

/** Asks about one token. */
export type Introspect = (
  token: string,
  now: EpochSeconds,
) => Promise<Result<IntrospectedToken, GuardRefusal>>

export interface IntrospectedToken {
  readonly claims: JwtClaims
  readonly validUntil: EpochSeconds
}

/** Units: characters. */
const tokenLengthMax = 4096

/**
 * Prepares introspection at one endpoint.
 * Refuses: `token_inactive`, `introspection_unavailable`, and before any call a token that could not be one.
 * Throws: TypeError for an endpoint that is not https, or without a client.
 * Source: RFC 7662 §2; RFC 6749 §2.3.1 (form-encoded Basic).
 */
export function createIntrospect(
  options: IntrospectionOptions,
  audiences: readonly string[],
  fetch: FetchPort,
): Introspect {
  const { endpoint, clientId, clientSecret, keepSeconds = 30, callsMax = 50 } = options
  if (!isAllowedAddress(endpoint)) throw new TypeError('the introspection endpoint is not https')
  if (!clientId || !clientSecret) throw new TypeError('introspection needs a client and its secret')
  const basic = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
  const headers = {
    authorization: `Basic ${btoa(basic)}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  const flights = new Map<string, ReturnType<Introspect>>()

  async function ask(token: string, now: EpochSeconds): ReturnType<Introspect> {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
    const fetched = await fetchDocument(endpoint, fetch, defaultFetchLimits, { body, headers })
    if (!fetched.ok) return unavailable
    const { document } = fetched.value
    if (document['active'] !== true) return inactive
    const { exp } = document
    if (exp !== undefined && !(typeof exp === 'number' && exp > now)) return inactive
    if (!isForUs(document['aud'], audiences, options.acceptMissingAudienceUnsafe === true))
      return refuse({ reason: 'audience_mismatch', proven: true })
    const claims = readClaims(document)
    const kept = now + keepSeconds
    const validUntil = exp === undefined ? kept : Math.min(exp, kept)
    return ok({ claims, validUntil: validUntil as EpochSeconds })
  }

  return async (token, now) => {
    if (token.length > tokenLengthMax || !isTokenText(token)) return malformed
    const known = flights.get(token)
    if (known !== undefined) return known
    if (flights.size >= callsMax) return unavailable
    const flight = ask(token, now).finally(() => flights.delete(token))
    flights.set(token, flight)
    return flight
  }
}

const malformed = refuse<GuardRefusal>({ reason: 'malformed', proven: false })
const inactive = refuse<GuardRefusal>({ reason: 'token_inactive', proven: false })
const unavailable = refuse<GuardRefusal>({
  reason: 'introspection_unavailable',
  proven: false,
  retryAfterSeconds: 5,
})

function isForUs(aud: unknown, audiences: readonly string[], mayBeMissing: boolean): boolean {
  if (aud === undefined) return mayBeMissing
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return list.some((name) => typeof name === 'string' && audiences.includes(name))
}

/** The answer as claims; members of a wrong type are left out, a caller without a subject is its client. */
function readClaims(document: Readonly<Record<string, unknown>>): JwtClaims {
  const { iss, sub, client_id: client, exp, iat, nbf, jti, ...rest } = document
  const subject = textOf(sub) ?? textOf(client)
  return {
    ...(rest as JwtClaims),
    ...whenText('iss', iss),
    ...whenText('sub', subject),
    ...whenText('client_id', client),
    ...whenText('jti', jti),
    ...whenMoment('exp', exp),
    ...whenMoment('iat', iat),
    ...whenMoment('nbf', nbf),
  }
}

function whenText(name: string, value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'string' ? { [name]: value } : {}
}

function whenMoment(name: string, value: unknown): Readonly<Record<string, EpochSeconds>> {
  return typeof value === 'number' && Number.isFinite(value)
    ? { [name]: value as EpochSeconds }
    : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Whether a text is made of what RFC 6750 §2.1 allows in a token. */
function isTokenText(token: string): boolean {
  for (let at = 0; at < token.length; at += 1) {
    if (!tokenCharacters.includes(token[at] ?? ' ')) return false
  }
  return token.length > 0
}

const tokenCharacters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/='

/** Whether a token has the form of a JWT: three parts, or five for an encrypted one. */
export function isJwtShaped(token: string): boolean {
  let dots = 0
  for (let at = token.indexOf('.'); at !== -1; at = token.indexOf('.', at + 1)) dots += 1
  return dots === 2 || dots === 4
}
