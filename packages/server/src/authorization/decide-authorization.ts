import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { intersectAccess, offlineAccess } from '../grants/select-access.ts'
import { presentAccess } from '../grants/select-resource.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { ClientSignIn } from '../store/port/client-sign-in.ts'
import type { UserAccess, UserId } from '../store/port/user-records.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { RedirectRefusal } from './authorization-refusals.ts'
import { isIdentityScope } from '../tokens/identity-claims.ts'
import { isOnThisComputer } from './redirect-uri.ts'

/** The user whose browser sends the request. */
export interface SignedInUser {
  readonly userId: UserId
  readonly access: readonly UserAccess[]
  readonly acr: '1' | '2'
  /** When the user last proved to be that user. */
  readonly provedAt: EpochSeconds
}

export interface AuthorizationFacts {
  readonly client: ClientRecord
  readonly signIn: ClientSignIn
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** The audience of tokens without a resource: the address of userinfo. */
  readonly userinfo: string
  /** Absent where nobody is signed in. */
  readonly person: SignedInUser | undefined
  /** The user that the id token of the request names; `null` where there is no hint. */
  readonly hinted: string | null
  /** When the request came first. */
  readonly startedAt: EpochSeconds
  readonly now: EpochSeconds
}

/** The access that the code of a request will give. */
export interface CodePlan {
  readonly audience: string
  /** The scopes of the resource. */
  readonly scopes: readonly string[]
  /** The scopes about the person. */
  readonly identityScopes: readonly string[]
  /** Whether the client gets a refresh token. */
  readonly isOffline: boolean
}

/** The next step of an authorization request. `prove`: the user proves to be that user once more. */
export type AccessStep =
  | { readonly act: 'signIn' }
  | { readonly act: 'prove'; readonly level: 'any' | 'two' }
  | { readonly act: 'plan'; readonly plan: CodePlan; readonly person: SignedInUser }

export interface ConsentFacts extends Pick<AuthorizationFacts, 'client' | 'signIn'> {
  /** The scopes that this user gave this client before, at this resource and redirect host. */
  readonly consented: readonly string[]
  /** Whether the user has just agreed on the page of this request. */
  readonly isAgreed: boolean
}

/** Whether the user is asked. `isKept`: the answer is kept for the next time. */
export type ConsentStep =
  | { readonly act: 'give'; readonly isKept: boolean }
  | {
      readonly act: 'ask'
      /** The scopes that the user did not give before. */
      readonly newScopes: readonly string[]
      readonly isKept: boolean
    }

/**
 * Decides the access that a request gets, or the step of the user before it. Pure; it stores nothing.
 * Refuses: `grant_not_allowed`, `resource_not_allowed`, `scope_nothing_granted`; with `prompt=none` also
 * `sign_in_needed`, `other_user_needed`, `level_needed`.
 * Not checked: the consent; `decideConsent` does so.
 * Why unknown scopes are dropped: clients ask for scopes of other services, and the answer says what was given.
 * Source: OpenID Connect Core 1.0 §3.1.2.1 to §3.1.2.4; RFC 6749 §3.3; RFC 8707 §2.1.
 */
export function decideAccess(
  request: AuthorizationRequest,
  facts: AuthorizationFacts,
): Result<AccessStep, RedirectRefusal> {
  const { client, person } = facts
  if (!client.grantTypes.includes('authorization_code'))
    return refuse({ reason: 'grant_not_allowed' })
  const asked = askedAccess(request, facts)
  if (!asked.ok) return asked
  const isSilent = request.prompt.includes('none')
  if (person === undefined)
    return isSilent ? refuse({ reason: 'sign_in_needed' }) : ok({ act: 'signIn' })
  if (facts.hinted !== null && facts.hinted !== person.userId)
    return isSilent ? refuse({ reason: 'other_user_needed' }) : ok({ act: 'signIn' })
  const level = missingProof(request, person, facts)
  if (level !== undefined)
    return isSilent ? refuse({ reason: 'level_needed' }) : ok({ act: 'prove', level })
  const plan = planFor(request, asked.value, person, facts)
  if (plan === undefined) return refuse({ reason: 'scope_nothing_granted' })
  return ok({ act: 'plan', plan, person })
}

interface AskedAccess {
  readonly audience: string
  /** The scopes of the resource that the client may ask for; `undefined` where the token is for userinfo alone. */
  readonly offered: readonly string[] | undefined
}

/** Selects the resource of a request. Without one the token is for userinfo, or for the default resource. */
function askedAccess(
  { resource, scopes }: AuthorizationRequest,
  { client, resource: find, userinfo }: AuthorizationFacts,
): Result<AskedAccess, RedirectRefusal> {
  const present = presentAccess(client, find)
  const isOpenid = scopes.includes('openid')
  if (resource === userinfo || (resource === undefined && isOpenid))
    return ok({ audience: userinfo, offered: undefined })
  const access =
    resource === undefined ? present[0] : present.find((one) => isSameResource(one, resource))
  if (access === undefined) return refuse({ reason: 'resource_not_allowed' })
  return ok({ audience: access.audience, offered: access.scopes })
}

/** Whether a client means this resource. It may leave out the slash at the end, or write the host in capitals. */
function isSameResource({ audience }: { readonly audience: string }, asked: string): boolean {
  return audience === asked || spellingOf(audience) === spellingOf(asked)
}

function spellingOf(address: string): string {
  if (!URL.canParse(address)) return address
  const { href } = new URL(address)
  return href.endsWith('/') ? href.slice(0, -1) : href
}

/** The level at which the user has to prove who it is; `undefined` where the last proof is enough. */
function missingProof(
  { prompt, maxAgeSeconds, level }: AuthorizationRequest,
  { acr, provedAt }: SignedInUser,
  { startedAt, now }: AuthorizationFacts,
): 'any' | 'two' | undefined {
  const isSince = provedAt >= startedAt
  if (level === 'two' && acr !== '2') return 'two'
  if (!isSince && (prompt.includes('login') || prompt.includes('select_account'))) return 'any'
  // A proof that this request caused is young enough, however long the user then read.
  if (maxAgeSeconds !== undefined && !isSince && now - provedAt > maxAgeSeconds) return 'any'
  return undefined
}

function planFor(
  { scopes }: AuthorizationRequest,
  { audience, offered }: AskedAccess,
  person: SignedInUser,
  { client, signIn }: AuthorizationFacts,
): CodePlan | undefined {
  const isOpenid = scopes.includes('openid')
  const identity = isOpenid ? scopes.filter(isIdentityScope) : []
  const own =
    offered === undefined
      ? []
      : (intersectAccess([{ audience, scopes: offered }], person.access)[0]?.scopes ?? [])
  const isAsked = scopes.some((scope) => !isIdentityScope(scope) && scope !== offlineAccess)
  // A request without a scope of the resource gets all that both may have.
  const given = isAsked ? own.filter((scope) => scopes.includes(scope)) : own
  if (identity.length === 0 && given.length === 0) return undefined
  const isOffline =
    client.grantTypes.includes('refresh_token') &&
    (signIn.refresh === 'always' || scopes.includes(offlineAccess))
  return { audience, scopes: given, identityScopes: identity, isOffline }
}

/** The scopes of a plan as a user reads them. */
export function scopesOf({ scopes, identityScopes, isOffline }: CodePlan): readonly string[] {
  return [...identityScopes, ...scopes, ...(isOffline ? [offlineAccess] : [])]
}

/**
 * Decides whether the user is asked. Pure.
 * Refuses: `consent_needed` with `prompt=none`.
 * Why a public app on the computer of the user is asked for each time: any program there can call itself so.
 */
export function decideConsent(
  plan: CodePlan,
  request: Pick<AuthorizationRequest, 'prompt' | 'redirectUri'>,
  { client, signIn, consented, isAgreed }: ConsentFacts,
): Result<ConsentStep, RedirectRefusal> {
  const isKept = client.authentication !== 'none' || !isOnThisComputer(request.redirectUri)
  const known = isKept ? consented : []
  const newScopes = scopesOf(plan).filter((scope) => !known.includes(scope))
  const isAsked =
    request.prompt.includes('consent') || (signIn.consent === 'ask' && newScopes.length > 0)
  if (!isAsked || isAgreed) return ok({ act: 'give', isKept })
  if (request.prompt.includes('none')) return refuse({ reason: 'consent_needed' })
  return ok({ act: 'ask', newScopes, isKept })
}
