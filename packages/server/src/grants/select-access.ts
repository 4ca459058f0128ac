import { ok, refuse, type Result } from '@countersign/jwt'

/** One audience and the scopes at hand for it. */
export interface Access {
  readonly audience: string
  readonly scopes: readonly string[]
}

/** What a request asks for; both may be left out. */
export interface AccessRequest {
  readonly resources: readonly string[]
  readonly scope: string | undefined
}

export type AccessRefusal =
  | { readonly reason: 'resource_repeated' }
  /** `alike` differs only in the slash at its end, and is open to the client. */
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
 * Picks the one audience and the scopes that a request gets out of what may be given; the first access is the default.
 * Refuses: `resource_repeated`, `resource_not_allowed` (unknown ones alike), `scope_malformed`, `scope_not_allowed`.
 * Why: a token names one audience and carries only the scopes of that audience, so that a small API cannot use what
 * it receives at a greater one.
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

/** Narrows what was granted once to what both sides still have; audiences that lost all of their standing are gone. */
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
