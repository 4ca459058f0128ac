import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { hashCode } from '../grants/authorization-code.ts'
import type { PendingKey } from '../store/port/authorization-verbs.ts'
import type { ClientSignIn } from '../store/port/client-sign-in.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { SessionRecord } from '../store/port/session-verbs.ts'
import type { Store } from '../store/port/store.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { RedirectRefusal } from './authorization-refusals.ts'
import {
  decideAccess,
  decideConsent,
  scopesOf,
  type CodePlan,
  type SignedInUser,
} from './decide-authorization.ts'
import { redirectHost } from './redirect-uri.ts'

/** The parts that the code flow needs. */
export interface AuthorizationDeps {
  readonly store: Pick<Store, 'authorizations' | 'users'>
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** The audience of tokens without a resource: the address of userinfo. */
  readonly userinfo: string
  /** Makes a code of 256 random bits. */
  readonly randomCode: () => string
}

/** An authorization request of a client that may sign users in. */
export interface OpenAuthorization {
  readonly request: AuthorizationRequest
  readonly client: ClientRecord
  readonly signIn: ClientSignIn
  /** The row that waits for its user; absent at the first request. */
  readonly pending: PendingKey | undefined
  readonly startedAt: EpochSeconds
  /** The user that its `id_token_hint` names; `null` for none. */
  readonly hinted: string | null
  /** The session of the browser. */
  readonly session: SessionRecord | undefined
  /** Whether the user has just agreed on the page of this request. */
  readonly isAgreed: boolean
  readonly now: EpochSeconds
  readonly audit: AuditContext
}

/** The step that an authorization request has come to. `answered`: another tab answered the same request before. */
export type Advance =
  | { readonly act: 'code'; readonly code: string }
  | { readonly act: 'refuse'; readonly refusal: RedirectRefusal }
  | { readonly act: 'answered' | 'signIn' }
  | { readonly act: 'prove'; readonly level: 'any' | 'two' }
  | { readonly act: 'ask'; readonly plan: CodePlan; readonly newScopes: readonly string[] }

/** Units: seconds. Source: RFC 6749 §4.1.2 (a short life). */
const codeTtlSeconds = 60

/** Takes an authorization request as far as it goes without its user. A code is one commit. */
export async function advanceAuthorization(
  open: OpenAuthorization,
  deps: AuthorizationDeps,
): Promise<Advance> {
  const { request, client, signIn, session, isAgreed } = open
  const { users, authorizations } = deps.store
  const person = session && (await readPerson(session, users))
  const step = decideAccess(request, { ...deps, ...open, person })
  if (!step.ok) return { act: 'refuse', refusal: step.refusal }
  if (step.value.act !== 'plan') return step.value
  const { plan } = step.value
  const key = {
    userId: step.value.person.userId,
    clientId: client.id,
    audience: plan.audience,
    redirectHost: redirectHost(request.redirectUri),
  }
  const consent = await authorizations.findConsent(key)
  const facts = { client, signIn, consented: consent?.scopes ?? [], isAgreed }
  const consented = decideConsent(plan, request, facts)
  if (!consented.ok) return { act: 'refuse', refusal: consented.refusal }
  const { value } = consented
  if (value.act === 'ask') return { act: 'ask', plan, newScopes: value.newScopes }
  const isNew = isAgreed && value.isKept
  return giveCode(plan, isNew ? { ...key, scopes: scopesOf(plan) } : undefined, open, deps)
}

async function readPerson(
  { userId, acr, authTime }: SessionRecord,
  users: Pick<Store['users'], 'listAccess'>,
): Promise<SignedInUser> {
  return { userId, access: await users.listAccess(userId), acr, provedAt: authTime }
}

async function giveCode(
  { audience, scopes, identityScopes, isOffline }: CodePlan,
  consent: Parameters<Store['authorizations']['giveCode']>[1]['consent'],
  { request, client, session, pending, audit }: OpenAuthorization,
  { store, randomCode }: AuthorizationDeps,
): Promise<Advance> {
  if (session === undefined) return { act: 'signIn' }
  const code = randomCode()
  const outcome = await store.authorizations.giveCode(
    {
      hash: hashCode(code),
      clientId: client.id,
      redirectUri: request.redirectUri,
      userId: session.userId,
      sessionSid: session.family.sid,
      challenge: request.challenge ?? '',
      jkt: request.jkt ?? '',
      audience,
      scopes,
      identityScopes,
      idTokenClaims: request.claims.idToken,
      userinfoClaims: request.claims.userinfo,
      nonce: request.nonce ?? null,
      isOffline,
      ttlSeconds: codeTtlSeconds,
    },
    { pending, consent },
    audit,
  )
  switch (outcome) {
    case 'given':
      return { act: 'code', code }
    case 'spent':
      return { act: 'answered' }
    case 'session_ended':
      return { act: 'signIn' }
  }
}
