import { ok, refuse, type Result } from '@countersign/jwt'
import { decideClientToken } from './client-credentials.ts'
import {
  mintAndRecord,
  mintGranted,
  presentAccess,
  spentReason,
  type GrantDeps,
  type GrantRequest,
  type TokenGranted,
} from './grant.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { TokenRefusal } from './refusals.ts'
import { offlineAccess, parseScope, type AccessRequest } from './select-access.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/**
 * Issues to a client that logged in with its own credentials: what `client_credentials` gives, and with
 * `offline_access` a refresh token as well, to a client that is allowed one.
 * Refuses: what `decideClientToken` refuses, `grant_not_allowed`.
 * Why: the login route is a face of the token endpoint, so that refresh can be used before there are user accounts.
 */
export function issueAtLogin(
  wanted: AccessRequest,
  request: Omit<GrantRequest, 'form'>,
  deps: GrantDeps,
): MaybePromise<Result<TokenGranted, TokenRefusal>> {
  const { client } = request
  const asked = wanted.scope === undefined ? [] : parseScope(wanted.scope)
  if (asked === undefined) return refuse({ reason: 'scope_malformed' })
  if (!client.grantTypes.includes('client_credentials')) {
    return refuse({ reason: 'grant_not_allowed' })
  }
  const offline = asked.includes(offlineAccess)
  if (offline && !client.grantTypes.includes('refresh_token')) {
    return refuse({ reason: 'grant_not_allowed' })
  }
  const rest = asked.filter((scope) => scope !== offlineAccess)
  const plan = decideClientToken(
    { resources: wanted.resources, scope: rest.length === 0 ? undefined : rest.join(' ') },
    { access: presentAccess(client, deps.resource), resource: deps.resource },
    request,
  )
  if (!plan.ok) return plan
  if (offline) return openFamily(plan.value, request, deps)
  return mintAndRecord({ ...plan.value, grant: 'login' }, 'counted', request, deps)
}

/**
 * Opens a refresh family for what a plan gives, and mints its first access token.
 * Refuses: `client_changed`, a replayed proof or assertion, `token_too_large`.
 * Why: a public client's family is bound to the key it proved; one that authenticates is bound by that.
 * Source: RFC 9449 §5; ours (docs/storage.md).
 */
export async function openFamily(
  plan: TokenPlan,
  request: Pick<GrantRequest, 'client' | 'spend' | 'jkt' | 'audit'>,
  deps: GrantDeps,
): Promise<Result<TokenGranted, TokenRefusal>> {
  const { client, jkt, spend, audit } = request
  const sid = deps.randomId()
  const granted = await mintGranted({ ...plan, sid }, deps)
  if (!granted.ok) return granted
  const first = deps.refreshTokens.mint(sid, 1)
  const outcome = await deps.store.refreshTokens.open(
    {
      sid,
      clientId: client.id,
      clientVersion: client.version,
      subject: plan.subject,
      username: plan.username,
      access: [{ audience: plan.resource.audience, scopes: plan.scopes }],
      jkt: client.authentication === 'none' ? (jkt ?? null) : null,
      currentHash: first.hash,
      idleTtlSeconds: deps.refresh.idleTtlSeconds,
      absoluteTtlSeconds: deps.refresh.absoluteTtlSeconds,
    },
    { spend },
    audit,
  )
  switch (outcome) {
    case 'opened':
      return ok({ ...granted.value, refreshToken: first.text })
    case 'stale_client':
      return refuse({ reason: 'client_changed' })
    case 'spent':
      return refuse({ reason: await spentReason(spend, deps.store.spent) })
  }
}
