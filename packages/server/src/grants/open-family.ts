import { ok, refuse } from '@countersign/jwt'
import type { TokenPlan } from '../tokens/plan.ts'
import type { Committed } from './define-grant.ts'
import type { GrantDeps, GrantRequest } from './grant.ts'
import { mintGranted } from './issue.ts'

/**
 * Opens a refresh family for a plan, and mints its first access token.
 * Refuses: `client_changed`, `user_changed`, `token_too_large`; `spent` where a single-use id was used before.
 * Why: the family of a public client is bound to the key it proved. Other clients authenticate at each refresh.
 * Source: RFC 9449 §5; ours (docs/storage.md).
 */
export async function openFamily(
  plan: TokenPlan,
  request: Pick<GrantRequest, 'client' | 'spend' | 'jkt' | 'audit' | 'user'>,
  deps: GrantDeps,
): Promise<Committed> {
  const { client, jkt, spend, audit, user } = request
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
      ...(user === undefined ? {} : { user: { id: user.id, version: user.version } }),
    },
    { spend },
    audit,
  )
  switch (outcome) {
    case 'opened':
      return ok({ ...granted.value, refreshToken: first.text })
    case 'stale_client':
      return refuse({ reason: 'client_changed' })
    case 'stale_user':
      return refuse({ reason: 'user_changed' })
    case 'spent':
      return 'spent'
  }
}
