import { ok, refuse, type Result } from '@countersign/jwt'

/** One audience and the scopes for it. */
export interface Access {
  readonly audience: string
  readonly scopes: readonly string[]
}

/** The resources and the scope that a request asks for; both may be absent. */
export interface AccessRequest {
  readonly resources: readonly string[]
  readonly scope: string | undefined
}

export type AccessRefusal =
  | { readonly reason: 'resource_repeated' }
  /** `alike`: a resource that is allowed for the client and differs only in the slash at its end. */
  | {
      readonly reason: 'resource_not_allowed'
      readonly asked?: string | undefined
      readonly alike?: string | undefined
    }
  | { readonly reason: 'scope_malformed' }
  | { readonly reason: 'scope_not_allowed'; readonly scopes: readonly string[] }

/** The scope that asks for a refresh token; it is never in an access token. */
export const offlineAccess = 'offline_access'

/** Units: scopes, characters. */
export const scopeLimits = { scopesMax: 64, scopeLengthMax: 128 } as const

/**
 * Selects the one audience and the scopes for a request from the granted access; the first access is the default.
 * Refuses: `resource_repeated`, `resource_not_allowed` (also for unknown resources), `scope_malformed`,
 * `scope_not_allowed`.
 * Why: a token names one audience and has only its scopes, so an API cannot use a token that it receives at another API.
 * Source: RFC 8707 §2; RFC 6749 §3.3.
 */
export function selectAccess(
  granted: readonly Access[],
  request: AccessRequest,
): Result<Access, AccessRefusal> {
  if (request.resources.length > 1) return refuse({ reason: 'resource_repeated' })
  const [wanted] = request.resources
  const access =
    wanted === undefined ? granted[0] : granted.find(({ audience }) => audience === wanted)
  if (access === undefined) return refuseResource(wanted, granted)
  if (request.scope === undefined) return ok(access)
  const scopes = parseScope(request.scope)
  if (scopes === undefined) return refuse({ reason: 'scope_malformed' })
  const beyond = scopes.filter((scope) => !access.scopes.includes(scope))
  if (beyond.length > 0) return refuse({ reason: 'scope_not_allowed', scopes: beyond })
  return ok({ audience: access.audience, scopes })
}

function refuseResource(asked: string | undefined, granted: readonly Access[]) {
  const alike = granted.find(
    ({ audience }) => audience === `${asked}/` || `${audience}/` === asked,
  )?.audience
  return refuse({ reason: 'resource_not_allowed', asked, alike })
}

/**
 * Parses a `scope` value: case-sensitive words between single spaces, each named once in the result.
 * Refuses: anything else, by `undefined`.
 * Source: RFC 6749 §3.3.
 */
export function parseScope(text: string): readonly string[] | undefined {
  const words = text.split(' ', scopeLimits.scopesMax + 1)
  if (words.length > scopeLimits.scopesMax || !words.every(isScope)) return undefined
  return [...new Set(words)]
}

/** Narrows granted access to what is still present. Audiences that are no longer present are left out. */
export function intersectAccess(
  granted: readonly Access[],
  present: readonly Access[],
): readonly Access[] {
  return granted.flatMap(({ audience, scopes }) => {
    const now = present.find((access) => access.audience === audience)
    if (now === undefined) return []
    return [{ audience, scopes: scopes.filter((scope) => now.scopes.includes(scope)) }]
  })
}

function isScope(word: string): boolean {
  if (word.length === 0 || word.length > scopeLimits.scopeLengthMax) return false
  for (let at = 0; at < word.length; at += 1) {
    const code = word.charCodeAt(at)
    if (code <= 0x20 || code >= 0x7f || code === 0x22 || code === 0x5c) return false
  }
  return true
}
