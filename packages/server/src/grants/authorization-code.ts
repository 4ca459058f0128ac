import { createHash, timingSafeEqual } from 'node:crypto'
import { ok, refuse, type Result } from '@countersign/jwt'
import type { CodeOutcome, CodeRecord } from '../store/port/authorization-verbs.ts'
import { familyForUser } from './family-for-user.ts'
import { defineGrant, type Committed } from './define-grant.ts'
import { targetsOf } from './form.ts'
import type { GrantDeps, GrantRequest } from './grant.ts'
import { signIdToken } from './id-token.ts'
import { mintGranted } from './issue.ts'
import type { TokenRefusal } from './refusals.ts'
import { userPart, type UserFacts } from './user-token.ts'

interface CodeRequest {
  readonly code: string
  readonly redirectUri: string
  readonly verifier: string | undefined
  readonly resources: readonly string[]
}

interface CodeFacts {
  readonly hash: string
  readonly code: CodeRecord
  /** Absent where the user is gone or disabled. */
  readonly person: UserFacts | undefined
}

/** `fail`: the try of the right client is counted against its code. */
type CodeDecision =
  | ({ readonly act: 'redeem' } & CodeFacts & { readonly person: UserFacts })
  | { readonly act: 'fail'; readonly hash: string; readonly refusal: TokenRefusal }

/** Units: letters. Source: RFC 7636 §4.1. */
const verifierLength = { min: 43, max: 128 } as const

/**
 * Exchanges the code of a sign-in for tokens.
 * Why a wrong client, resource or proof leaves the code as it is: strangers could end the code of an honest client.
 * Source: OAuth 2.1 §4.1.3; RFC 7636 §4.6; RFC 8707 §2.2; RFC 9449 §10; OpenID Connect Core 1.0 §3.1.3.
 */
export const authorizationCode = defineGrant<CodeRequest, CodeFacts, CodeDecision>({
  grantType: 'authorization_code',
  shortName: 'code',
  publicClients: true,
  about: 'Exchanges the code of a sign-in for tokens.',
  fields: [
    { name: 'code', about: 'The code that came to the redirect URI.', isRequired: true },
    { name: 'redirect_uri', about: 'The redirect URI of the request.', isRequired: true },
    { name: 'code_verifier', about: 'The secret of the challenge (PKCE).' },
  ],
  parse: (form) => {
    const [code, redirectUri] = [form.get('code'), form.get('redirect_uri')]
    if (code === undefined) return refuse({ reason: 'parameter_missing', name: 'code' })
    if (redirectUri === undefined)
      return refuse({ reason: 'parameter_missing', name: 'redirect_uri' })
    const verifier = form.get('code_verifier')
    return ok({ code, redirectUri, verifier, resources: targetsOf(form) })
  },
  read: async ({ code: text }, { client }, { store }) => {
    const hash = hashCode(text)
    const code = await store.authorizations.findCode(hash)
    if (code === undefined || code.clientId !== client.id) return refuse({ reason: 'code_unknown' })
    const user = await store.users.find(code.userId)
    const person =
      user?.status === 'active'
        ? { user, access: await store.users.listAccess(user.id) }
        : undefined
    return ok({ hash, code, person })
  },
  decide: decideCode,
  commit: async (plan, request, deps) => {
    if (plan.act === 'redeem') return redeem(plan, request, deps)
    await deps.store.authorizations.failCode(plan.hash, request.client.id)
    return refuse(plan.refusal)
  },
})

/** The hash under which the database keeps a code. Why a plain hash is enough: a code has 256 random bits. */
export function hashCode(code: string): string {
  return createHash('sha256').update(code).digest('base64url')
}

/**
 * Decides what a code gives. Pure. A used code goes on to the store, which ends its family.
 * Refuses: `code_redirect_mismatch`, `code_verifier_mismatch` (both are counted); `code_key_mismatch`,
 * `code_resource_mismatch`, `code_user_gone`.
 * Not checked: use and expiry. The store decides both atomically and by its own clock.
 */
function decideCode(
  { redirectUri, verifier, resources }: CodeRequest,
  { hash, code, person }: CodeFacts,
  { jkt }: Pick<GrantRequest, 'jkt'>,
): Result<CodeDecision, TokenRefusal> {
  const fail = (reason: 'code_redirect_mismatch' | 'code_verifier_mismatch') =>
    ok({ act: 'fail' as const, hash, refusal: { reason } })
  if (redirectUri !== code.redirectUri) return fail('code_redirect_mismatch')
  if (!isVerified(verifier, code.challenge)) return fail('code_verifier_mismatch')
  if (code.jkt !== '' && code.jkt !== jkt) return refuse({ reason: 'code_key_mismatch' })
  if (resources.some((resource) => resource !== code.audience))
    return refuse({ reason: 'code_resource_mismatch' })
  if (person === undefined) return refuse({ reason: 'code_user_gone' })
  return ok({ act: 'redeem', hash, code, person })
}

/** A verifier without a challenge is refused too, because its code was made by another request. Source: RFC 9700 §4.8.2. */
function isVerified(verifier: string | undefined, challenge: string): boolean {
  if (verifier === undefined || challenge === '') return verifier === undefined && challenge === ''
  if (verifier.length < verifierLength.min || verifier.length > verifierLength.max) return false
  const given = Buffer.from(createHash('sha256').update(verifier).digest('base64url'))
  const right = Buffer.from(challenge)
  return given.length === right.length && timingSafeEqual(given, right)
}

/** Signs, then commits. Why it signs first: a crash in between loses a token that nobody has. */
async function redeem(
  { hash, code, person }: Extract<CodeDecision, { act: 'redeem' }>,
  request: GrantRequest,
  deps: GrantDeps,
): Promise<Committed> {
  const { client, jkt, now, spend, audit } = request
  const resource = deps.resource(code.audience)
  if (resource === undefined)
    return refuse({ reason: 'resource_not_allowed', asked: code.audience })
  const sid = deps.randomId()
  const isForUserinfo = code.audience === deps.openid?.userinfo
  const scopes = isForUserinfo ? code.identityScopes : code.scopes
  const { acr, amr, authTime } = code
  const part = userPart(person, code.audience, authTime)
  const user = part.user && { ...part.user, acr, amr }
  const granted = await mintGranted(
    { client, resource, scopes, ...part, user, sid, jkt, grant: 'authorization_code', now },
    deps,
  )
  if (!granted.ok) return granted
  const { accessToken } = granted.value
  const signed = { ...code, sessionSid: code.sessionSid }
  const idToken = await signIdToken(signed, person.user, { client, accessToken, now }, deps)
  const first = deps.refreshTokens.mint(sid, 1)
  const family = familyForUser(
    { sid, hash: first.hash, code, user: person.user, resource, jkt },
    client,
    deps.refresh,
  )
  const outcome = await deps.store.authorizations.redeemCode(
    { hash, clientId: client.id, family, spend },
    audit,
  )
  if (outcome === 'spent') return 'spent'
  if (outcome !== 'redeemed') return refuse(refusalOf(outcome))
  return ok({
    ...granted.value,
    scopes: [...code.identityScopes, ...(isForUserinfo ? [] : scopes)],
    idToken,
    ...(code.isOffline && { refreshToken: first.text }),
  })
}

function refusalOf(outcome: Exclude<CodeOutcome, 'redeemed' | 'spent'>): TokenRefusal {
  switch (outcome) {
    case 'unknown':
      return { reason: 'code_unknown' }
    case 'replayed':
      return { reason: 'code_replayed' }
    case 'session_ended':
      return { reason: 'code_session_ended' }
    case 'stale_client':
      return { reason: 'client_changed' }
    case 'stale_user':
      return { reason: 'user_changed' }
  }
}
