import { legible, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import {
  defaultFetchLimits,
  explainAddress,
  fetchDocument,
  isAllowedAddress,
  type FetchPort,
} from '../outbound/fetch-document.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { GuardRefusal } from '../refusal.ts'
import { createCalls } from './calls.ts'
import { readAnswer, type AnswerRules, type IntrospectedToken } from './read-answer.ts'

/** How a guard introspects opaque tokens. Each token costs a call, so this is an option and never a fallback. */
export interface IntrospectionOptions {
  /** The address of the introspection endpoint. Required. */
  readonly endpoint: string
  /** The client that this API is at the issuer. Required. */
  readonly clientId: string
  /** The secret of that client. Required. */
  readonly clientSecret: string
  /** How long a good answer stays in the cache. Units: seconds. Default: 30. */
  readonly keepSeconds?: number
  /**
   * The most calls at a time. Further requests are answered 503. One address may have as many as it leaves free.
   * Default: 100.
   */
  readonly callsMax?: number
  /** Accepts answers without an audience. Weakens: tokens for other APIs pass. Default: `false`. */
  readonly acceptMissingAudienceUnsafe?: boolean
}

/** Introspects one token. `asker` returns the sender of the request, if it is known. */
export type Introspect = (
  token: string,
  now: EpochSeconds,
  asker?: () => string | undefined,
) => Promise<Result<IntrospectedToken, GuardRefusal>>

/** The parts of a guard that introspection needs. */
export interface IntrospectionParts extends Pick<
  AnswerRules,
  'audiences' | 'allowOtherAudiences' | 'leewaySeconds'
> {
  /** Whether an issuer is trusted. Returns undefined while too many look-ups are pending. */
  readonly trusts: (issuer: string) => MaybePromise<boolean | undefined>
  /** The names of the issuers that are listed. */
  readonly trusted: () => readonly string[]
  readonly fetch: FetchPort
}

/** Units: characters. */
const tokenLengthMax = 4096

/**
 * Prepares introspection at one endpoint.
 * Refuses: the reasons of `readAnswer`; `issuer_mismatch` for an issuer that is not trusted;
 * `introspection_unavailable`; `malformed` before any call, for a text that cannot be a token.
 * Throws: TypeError for an endpoint that is not https, or a missing client.
 * Source: RFC 7662 §2; RFC 6749 §2.3.1 (form-encoded Basic).
 */
export function createIntrospect(
  options: IntrospectionOptions,
  { trusts, trusted, fetch, ...parts }: IntrospectionParts,
): Introspect {
  const { endpoint, clientId, clientSecret, keepSeconds = 30, callsMax = 100 } = options
  if (!endpoint) throw new TypeError('introspection needs an endpoint')
  if (!isAllowedAddress(endpoint))
    throw new TypeError(`the introspection endpoint ${explainAddress(endpoint)}`)
  if (!clientId || !clientSecret) throw new TypeError('introspection needs a client and its secret')
  const basic = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`
  const headers = {
    authorization: `Basic ${btoa(basic)}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  const acceptMissingAudience = options.acceptMissingAudienceUnsafe === true
  const rules: AnswerRules = { ...parts, keepSeconds, acceptMissingAudience }
  const pendingCalls = new Map<string, ReturnType<Introspect>>()
  const calls = createCalls(callsMax)

  async function ask(token: string, now: EpochSeconds): ReturnType<Introspect> {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
    const fetched = await fetchDocument(endpoint, fetch, defaultFetchLimits, { body, headers })
    if (!fetched.ok) return unavailable(fetched.refusal)
    const answer = readAnswer(fetched.value.document, rules, now)
    if (!answer.ok) return answer
    const { iss } = answer.value.claims
    const isTrusted = iss === undefined ? true : await trusts(iss)
    if (isTrusted === undefined) return unavailable({ reason: 'busy' })
    if (isTrusted) return answer
    const found = typeof iss === 'string' ? legible(iss, issuerLettersMax) : typeof iss
    return refuse({ reason: 'issuer_mismatch', proven: true, found, expected: trusted() })
  }

  return async (token, now, asker) => {
    if (token.length > tokenLengthMax || !isTokenText(token)) return malformed
    const pendingCall = pendingCalls.get(token)
    if (pendingCall !== undefined) return pendingCall
    const end = calls.begin(asker?.())
    if (end === undefined) return unavailable({ reason: 'busy' })
    const pending = ask(token, now).finally(() => {
      pendingCalls.delete(token)
      end()
    })
    pendingCalls.set(token, pending)
    return pending
  }
}

/** Units: letters of a refusal's fact. */
const issuerLettersMax = 200

const malformed = refuse<GuardRefusal>({ reason: 'malformed', proven: false, part: 'token' })

function unavailable(
  cause: Extract<GuardRefusal, { readonly reason: 'introspection_unavailable' }>['cause'],
): Result<never, GuardRefusal> {
  const retry = { proven: false, retryAfterSeconds: 5 } as const
  return refuse({ reason: 'introspection_unavailable', cause, ...retry })
}

/** Whether a text has only characters that RFC 6750 §2.1 allows in a token. */
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
