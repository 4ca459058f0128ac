import { ok, refuse, type Result } from '@countersign/jwt'
import type { Form } from '../grants/form.ts'
import { parseScope } from '../grants/select-access.ts'
import type { PageRefusal, RedirectRefusal } from './authorization-refusals.ts'
import { parseRequestedClaims, type RequestedClaims } from './requested-claims.ts'

/** The client and the redirect URI that a request names. Not checked: whether they belong together. */
export interface AuthorizationTarget {
  readonly clientId: string
  readonly redirectUri: string
}

/** A value of `prompt`. Source: OpenID Connect Core 1.0 §3.1.2.1. */
export type Prompt = 'none' | 'login' | 'consent' | 'select_account'

/** The way in which the answer goes back. */
export type ResponseMode = 'query' | 'form_post'

/** An authorization request as it is kept until its user has answered. */
export interface AuthorizationRequest extends AuthorizationTarget {
  readonly state: string | undefined
  readonly responseMode: ResponseMode
  readonly scopes: readonly string[]
  readonly resource: string | undefined
  /** The S256 challenge of PKCE. */
  readonly challenge: string | undefined
  readonly nonce: string | undefined
  readonly prompt: readonly Prompt[]
  /** Units: seconds. */
  readonly maxAgeSeconds: number | undefined
  readonly loginHint: string | undefined
  readonly idTokenHint: string | undefined
  readonly uiLocales: string | undefined
  /** Whether level 2 is asked for, and whether nothing less will do. */
  readonly level: 'any' | 'two_if_possible' | 'two'
  readonly claims: RequestedClaims
  /** The thumbprint of the key that the code is bound to. Source: RFC 9449 §10. */
  readonly jkt: string | undefined
}

/** How a client has to bind its code. */
export type PkceRule = 'required' | 'nonceInstead' | 'optionalUnsafe'

/** Units: letters. */
const requestLimits = { shortMax: 512, stateMax: 2_048, hintMax: 8_192 } as const

/**
 * Reads the client and the redirect URI, before anything else is believed.
 * Refuses: `client_missing`, `redirect_uri_missing`.
 */
export function parseTarget(form: Form): Result<AuthorizationTarget, PageRefusal> {
  const clientId = form.get('client_id')
  if (clientId === undefined) return refuse({ reason: 'client_missing' })
  const redirectUri = form.get('redirect_uri')
  if (redirectUri === undefined) return refuse({ reason: 'redirect_uri_missing' })
  return ok({ clientId, redirectUri })
}

/** Reads how an answer goes back, also for a request that is refused. */
export function parseResponseMode(form: Form): ResponseMode {
  return form.get('response_mode') === 'form_post' ? 'form_post' : 'query'
}

/** Reads `state`, also for a request that is refused. One that is too long is not sent back. */
export function parseState(form: Form): string | undefined {
  const state = form.get('state')
  return state === undefined || state.length > requestLimits.stateMax ? undefined : state
}

/**
 * Reads an authorization request whose client and redirect URI are proven. Pure.
 * Refuses: all reasons of `RedirectRefusal` that a request alone can cause. Unknown parameters are ignored.
 * Not checked: the resource, the scopes and the user; `decideAuthorization` does so.
 * Source: OAuth 2.1 §4.1.1; OpenID Connect Core 1.0 §3.1.2.1; RFC 7636 §4.3; RFC 9449 §10.
 */
export function parseAuthorizationRequest(
  form: Form,
  target: AuthorizationTarget,
  pkce: PkceRule,
): Result<AuthorizationRequest, RedirectRefusal> {
  const refusal = refuseKind(form)
  if (refusal !== undefined) return refuse(refusal)
  const scope = form.get('scope')
  const scopes = scope === undefined ? [] : parseScope(scope)
  if (scopes === undefined) return refuse({ reason: 'scope_malformed' })
  if (form.resources.length > 1) return refuse({ reason: 'resource_repeated' })
  const prompt = parsePrompt(form.get('prompt'))
  if (!prompt.ok) return prompt
  const nonce = form.get('nonce')
  const challenge = parseChallenge(form, pkce, nonce)
  if (!challenge.ok) return challenge
  const maxAgeSeconds = parseMaxAge(form.get('max_age'))
  if (maxAgeSeconds === 'malformed') return refuseParameter('max_age')
  const claims = parseRequestedClaims(form.get('claims'))
  if (claims === undefined) return refuseParameter('claims')
  const jkt = form.get('dpop_jkt')
  if (jkt !== undefined && !isDigest(jkt)) return refuseParameter('dpop_jkt')
  const tooLong = longNames.find(([name, max]) => (form.get(name)?.length ?? 0) > max)
  if (tooLong !== undefined) return refuseParameter(tooLong[0])
  return ok({
    ...target,
    state: form.get('state'),
    responseMode: parseResponseMode(form),
    scopes,
    resource: form.resources[0],
    challenge: challenge.value,
    nonce,
    prompt: prompt.value,
    maxAgeSeconds,
    loginHint: form.get('login_hint'),
    idTokenHint: form.get('id_token_hint'),
    uiLocales: form.get('ui_locales'),
    level: levelOf(form.get('acr_values'), claims),
    claims,
    jkt,
  })
}

const longNames = [
  ['state', requestLimits.stateMax],
  ['nonce', requestLimits.shortMax],
  ['login_hint', requestLimits.shortMax],
  ['ui_locales', requestLimits.shortMax],
  ['id_token_hint', requestLimits.hintMax],
] as const

function refuseParameter(name: string) {
  return refuse({ reason: 'parameter_malformed' as const, name })
}

/** Refuses every kind of request but a plain one for a code. */
function refuseKind(form: Form): RedirectRefusal | undefined {
  const responseType = form.get('response_type')
  if (responseType === undefined) return { reason: 'response_type_missing' }
  if (responseType !== 'code') return { reason: 'response_type_unsupported' }
  if (form.get('request') !== undefined) return { reason: 'request_object_unsupported' }
  if (form.get('request_uri') !== undefined) return { reason: 'request_uri_unsupported' }
  if (form.get('registration') !== undefined) return { reason: 'registration_unsupported' }
  const mode = form.get('response_mode')
  if (mode !== undefined && mode !== 'query' && mode !== 'form_post')
    return { reason: 'response_mode_unsupported' }
  return undefined
}

const prompts: ReadonlySet<string> = new Set<Prompt>(['none', 'login', 'consent', 'select_account'])

function parsePrompt(text: string | undefined): Result<readonly Prompt[], RedirectRefusal> {
  const words = text === undefined ? [] : text.split(' ', prompts.size + 1)
  if (!words.every(isPrompt)) return refuseParameter('prompt')
  if (words.includes('none') && words.length > 1) return refuse({ reason: 'prompt_contradicts' })
  return ok(words)
}

function isPrompt(word: string): word is Prompt {
  return prompts.has(word)
}

/** Source: RFC 7636 §4.2 and §4.3; RFC 9700 §2.1.1 (plain is no protection). */
function parseChallenge(
  form: Form,
  pkce: PkceRule,
  nonce: string | undefined,
): Result<string | undefined, RedirectRefusal> {
  const challenge = form.get('code_challenge')
  const method = form.get('code_challenge_method')
  if (challenge === undefined) {
    if (method !== undefined || pkce === 'required') return refuse({ reason: 'challenge_missing' })
    if (pkce === 'nonceInstead' && nonce === undefined) return refuse({ reason: 'nonce_missing' })
    return ok(undefined)
  }
  // Without a method it would be `plain`.
  if (method !== 'S256') return refuse({ reason: 'challenge_method_unsupported' })
  return isDigest(challenge) ? ok(challenge) : refuseParameter('code_challenge')
}

/** Whether a text is a SHA-256 in base64url: 43 letters, the last one with two bits to spare. */
function isDigest(text: string): boolean {
  return text.length === 43 && Buffer.from(text, 'base64url').toString('base64url') === text
}

/** Units: seconds; a year and a day is enough for every policy. */
const maxAgeMax = 366 * 86_400

function parseMaxAge(text: string | undefined): number | undefined | 'malformed' {
  if (text === undefined) return undefined
  if (text.length > 10) return 'malformed'
  for (const digit of text) if (digit < '0' || digit > '9') return 'malformed'
  return Math.min(Number(text), maxAgeMax)
}

/** Source: OpenID Connect Core 1.0 §5.5.1.1 (an essential acr is a demand, `acr_values` a wish); RFC 9470 §4. */
function levelOf(
  acrValues: string | undefined,
  { acr }: RequestedClaims,
): AuthorizationRequest['level'] {
  const first = (values: readonly string[]) => values.find((one) => one === '1' || one === '2')
  if (acr !== undefined && acr.values.length > 0) {
    const wanted = first(acr.values)
    if (acr.isEssential) return wanted === '1' ? 'any' : 'two'
    if (wanted === '2') return 'two_if_possible'
  }
  return acrValues !== undefined && first(acrValues.split(' ', 16)) === '2'
    ? 'two_if_possible'
    : 'any'
}
