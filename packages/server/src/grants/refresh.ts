import { ok, refuse, type Result } from '@countersign/jwt'
import type { FamilyRecord, ResourceRecord } from '../store/port/records.ts'
import type { RefreshPlan, RotateOutcome } from '../store/port/refresh-verbs.ts'
import type { UserId, UserRecord } from '../store/port/user-records.ts'
import { defineGrant, type Committed } from './define-grant.ts'
import type { GrantDeps, GrantRequest, TokenGranted } from './grant.ts'
import type { ClientSession } from '../store/port/authorization-verbs.ts'
import { identityScopes } from '../tokens/identity-claims.ts'
import { signIdToken } from './id-token.ts'
import { mintGranted } from './issue.ts'
import { presentAccess, selectResource } from './select-resource.ts'
import { targetsOf } from './form.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { AuthenticRefreshToken } from './refresh-token.ts'
import type { TokenRefusal } from './refusals.ts'
import {
  intersectAccess,
  offlineAccess,
  parseScope,
  type Access,
  type AccessRequest,
} from './select-access.ts'
import { after, type MaybePromise } from '../maybe-promise.ts'
import { sharedAccess, userPart, type UserFacts } from './user-token.ts'

interface RefreshRequest extends AccessRequest {
  readonly presented: string
}

export interface RefreshFacts {
  readonly token: AuthenticRefreshToken
  readonly family: FamilyRecord
  readonly access: readonly Access[]
  /** The user of the family and the present access; absent where a client speaks for itself. */
  readonly person?: UserFacts | undefined
  /** The sign-in of the user at the client by the code flow. */
  readonly signedIn?: ClientSession | undefined
  readonly resource: (audience: string) => ResourceRecord | undefined
}

/**
 * The decision about a refresh request. `refuse` makes no token: the store checks whether the presented token is a theft
 * alarm, and otherwise the request is refused with `refusal`.
 */
export type RefreshDecision =
  | (Presented & {
      readonly act: 'rotate'
      readonly token: TokenPlan
      /** The scopes that the answer names, those about the person too. */
      readonly scopes: readonly string[]
      readonly signedIn?: ClientSession | undefined
      readonly user?: UserRecord | undefined
    })
  | (Presented & { readonly act: 'refuse'; readonly refusal: TokenRefusal })

interface Presented {
  readonly presented: AuthenticRefreshToken
  /** The key that the family is bound to, which the request has proven. */
  readonly boundTo: string | null
}

/**
 * Exchanges a refresh token for its successor and an access token for the request.
 * Why refusals take the same time: otherwise it would show whether the token is live, ended or invented.
 * Source: RFC 6749 §6; RFC 9700 §4.14; ours (docs/storage.md).
 */
export const refresh = defineGrant<
  RefreshRequest,
  RefreshFacts,
  RefreshDecision & { readonly presentedText: string }
>({
  grantType: 'refresh_token',
  shortName: 'refresh',
  publicClients: true,
  about: 'Exchanges a refresh token for its successor and an access token.',
  fields: [{ name: 'refresh_token', about: 'The last refresh token.', isRequired: true }],
  evenRefusals: true,
  parse: (form) => {
    const presented = form.get('refresh_token')
    if (presented === undefined)
      return refuse({ reason: 'parameter_missing', name: 'refresh_token' })
    return ok({ presented, resources: targetsOf(form), scope: withoutOffline(form.get('scope')) })
  },
  read: ({ presented }, { client }, { refreshTokens, store, resource, openid }) => {
    const token = refreshTokens.read(presented)
    // A token that this service did not make costs no query.
    if (token === undefined) return refuse({ reason: 'refresh_token_unknown' })
    return store.refreshTokens.find(token.sid).then(async (family) => {
      if (family === undefined) return refuse({ reason: 'family_ended' })
      if (family.user === undefined)
        return ok({ token, family, access: presentAccess(client, resource), resource })
      const person = await readPerson(family.user.id, store)
      if (person === undefined) return refuse({ reason: 'family_ended' })
      const shared = sharedAccess(client, person, resource)
      const signedIn = client.signIn && (await store.authorizations.findClientSession(family.sid))
      const access = signedIn && openid ? withIdentity(shared, openid.userinfo) : shared
      return ok({ token, family, access, person, signedIn, resource })
    })
  },
  decide: (wanted, facts, request) => {
    const decided = decideRefresh(wanted, facts, request)
    return decided.ok ? ok({ ...decided.value, presentedText: wanted.presented }) : decided
  },
  commit: (plan, request, deps) => {
    if (plan.act === 'refuse') return rotate(plan, plan.presentedText, undefined, request, deps)
    return after(mintGranted(plan.token, deps), (granted) => {
      if (!granted.ok) return granted
      return after(withIdToken(plan, granted.value, request, deps), (whole) =>
        rotate(plan, plan.presentedText, whole, request, deps),
      )
    })
  },
})

/** Reads the user of a family and the access that the user has now; `undefined` for one who may not sign in. */
async function readPerson(
  id: UserId,
  { users }: GrantDeps['store'],
): Promise<UserFacts | undefined> {
  const user = await users.find(id)
  return user?.status === 'active' ? { user, access: await users.listAccess(id) } : undefined
}

/**
 * Leaves `offline_access` out of a scope.
 * Why: libraries repeat the scope of the login, and `offline_access` in it only asked for the refresh token.
 */
function withoutOffline(scope: string | undefined): string | undefined {
  if (scope === undefined || parseScope(scope) === undefined) return scope
  const rest = scope.split(' ').filter((word) => word !== offlineAccess)
  return rest.length === 0 ? undefined : rest.join(' ')
}

/**
 * Decides what a refresh request may receive. Pure; it stores nothing.
 * Refuses: `refresh_client_mismatch`, `refresh_binding_mismatch`, and every reason of `selectAccess` within the access
 * that the family was given and the client still has.
 * Not checked: whether the token was used before or the family has expired. The store's `rotate` decides that
 * atomically and by its own clock, and ends an expired family for good.
 * Source: RFC 6749 §6; RFC 9449 §5 (binding); RFC 8707 §2.2.
 */
function decideRefresh(
  wanted: AccessRequest,
  facts: RefreshFacts,
  request: Pick<GrantRequest, 'client' | 'jkt' | 'now'>,
): Result<RefreshDecision, TokenRefusal> {
  const { token: presented, family } = facts
  const { client, jkt, now } = request
  if (family.clientId !== client.id) return refuse({ reason: 'refresh_client_mismatch' })
  if (family.jkt !== null && family.jkt !== jkt)
    return refuse({ reason: 'refresh_binding_mismatch' })
  const refuseInStore = (refusal: TokenRefusal): Result<RefreshDecision, never> =>
    ok({ act: 'refuse', presented, boundTo: family.jkt, refusal })
  const isPrevious = presented.hash === family.previousHash
  if (presented.hash !== family.currentHash && !isPrevious) {
    return refuseInStore({ reason: 'refresh_token_replayed' })
  }
  const access = selectResource(
    intersectAccess(family.access, facts.access),
    wanted,
    facts.resource,
  )
  // A stolen old token raises the alarm even if its request asks for too much. Only the clock of the store decides.
  if (!access.ok) return isPrevious ? refuseInStore(access.refusal) : access
  const { resource, scopes } = access.value
  const { signedIn, person } = facts
  return ok({
    act: 'rotate',
    presented,
    boundTo: family.jkt,
    scopes,
    signedIn,
    user: person?.user,
    token: {
      client,
      resource,
      scopes: signedIn === undefined ? scopes : scopesFor(resource, scopes),
      subject: family.subject,
      username: family.username,
      ...personPart(facts, resource.audience),
      sid: family.sid,
      jkt,
      grant: 'refresh_token',
      now,
    },
  })
}

/** Adds the scopes about the person, which the user of a sign-in has everywhere. */
function withIdentity(access: readonly Access[], userinfo: string): readonly Access[] {
  const own = { audience: userinfo, scopes: [] }
  return [...access, own].map(({ audience, scopes }) => ({
    audience,
    scopes: [...scopes, ...identityScopes],
  }))
}

/** The scopes of an access token. Those about the person are for userinfo alone, whose resource has no others. */
function scopesFor(
  { scopes: offered }: ResourceRecord,
  scopes: readonly string[],
): readonly string[] {
  return scopes.filter((scope) => offered.includes(scope))
}

/** Adds a new id token where the family comes from a sign-in. Source: OpenID Connect Core 1.0 §12.2. */
function withIdToken(
  { signedIn, user, scopes }: Extract<RefreshDecision, { act: 'rotate' }>,
  granted: TokenGranted,
  { client, now }: GrantRequest,
  deps: GrantDeps,
): MaybePromise<TokenGranted> {
  if (signedIn === undefined || user === undefined) return granted
  const issued = { client, accessToken: granted.accessToken, now }
  return signIdToken(signedIn, user, issued, deps).then((idToken) => ({
    ...granted,
    scopes,
    idToken,
  }))
}

/** The part of a token that the user of a family adds, with the sign-in that the family comes from. */
function personPart({ person, signedIn, family }: RefreshFacts, audience: string) {
  if (person === undefined) return {}
  const part = userPart(person, audience, signedIn?.authTime ?? family.openedAt)
  if (signedIn === undefined || part.user === undefined) return part
  const { acr, amr } = signedIn
  return { ...part, user: { ...part.user, acr, amr } }
}

async function rotate(
  plan: RefreshDecision,
  presentedText: string,
  granted: TokenGranted | undefined,
  request: GrantRequest,
  deps: GrantDeps,
): Promise<Committed> {
  const { refreshTokens } = deps
  const { presented, boundTo } = plan
  const next = refreshTokens.mint(presented.sid, presented.generation + 1)
  const outcome = await deps.store.refreshTokens.rotate({
    ...planRotation({ presented, boundTo }, request, deps),
    nextHash: next.hash,
    nextSeal: refreshTokens.sealSuccessor(next.text, presentedText),
  })
  if (granted !== undefined) {
    if (outcome.outcome === 'rotated') return ok({ ...granted, refreshToken: next.text })
    if (outcome.outcome === 'repeated') {
      const successor = refreshTokens.openSuccessor(outcome.successorSeal, presentedText)
      if (successor === undefined) throw new Error('The seal of a refresh successor does not open.')
      return ok({ ...granted, refreshToken: successor })
    }
  }
  if (outcome.outcome === 'spent') return 'spent'
  return refuse(refusalOf(outcome.outcome, plan))
}

function planRotation(
  { presented, boundTo }: Presented,
  { client, spend, audit }: GrantRequest,
  { refresh }: GrantDeps,
): Omit<RefreshPlan, 'nextHash' | 'nextSeal'> {
  return {
    sid: presented.sid,
    clientId: client.id,
    clientVersion: client.version,
    presentedGeneration: presented.generation,
    presentedHash: presented.hash,
    jkt: boundTo,
    repeatWindowSeconds: refresh.repeatWindowSeconds,
    repeatUntilSuccessorUsed: client.authentication !== 'none' || boundTo !== null,
    idleTtlSeconds: refresh.idleTtlSeconds,
    spend,
    audit,
  }
}

/** Gives the refusal for each outcome of the verb that gives no token. */
function refusalOf(
  outcome: Exclude<RotateOutcome['outcome'], 'spent'>,
  plan: RefreshDecision,
): TokenRefusal {
  switch (outcome) {
    case 'expired':
      return { reason: 'family_expired' }
    case 'ended':
      return { reason: 'family_ended' }
    case 'stale_client':
      return { reason: 'client_changed' }
    case 'unknown':
      return { reason: 'refresh_token_unknown' }
    case 'rotated':
    case 'repeated':
      // No alarm, so the refusal of the decision holds.
      if (plan.act === 'refuse') return plan.refusal
      return { reason: 'refresh_token_replayed' }
    case 'replayed':
      return { reason: 'refresh_token_replayed' }
  }
}
