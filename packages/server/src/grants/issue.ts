import type { Result } from '@countersign/jwt'
import type { AuditEvent } from '../audit/events.ts'
import { after, type MaybePromise } from '../maybe-promise.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { Committed } from './define-grant.ts'
import type { GrantDeps, GrantRequest, TokenGranted } from './grant.ts'
import type { TokenRefusal } from './refusals.ts'

/** Mints the access token, and makes the part of the answer that every grant has. */
export function mintGranted(
  plan: TokenPlan,
  deps: GrantDeps,
): MaybePromise<Result<TokenGranted & { readonly jti: string }, TokenRefusal>> {
  return after(deps.mint(plan), (minted) => {
    if (!minted.ok) return minted
    const { token, jti, expiresAt } = minted.value
    const value = {
      jti,
      accessToken: token,
      tokenType: plan.jkt === undefined ? ('Bearer' as const) : ('DPoP' as const),
      expiresInSeconds: expiresAt - Math.floor(plan.now),
      scopes: plan.scopes,
    }
    return { ok: true, value }
  })
}

/**
 * Mints, then records. This is the commit of every grant without a refresh token.
 * Refuses: `spent` where a single-use id was used before.
 */
export function mintAndRecord(
  plan: TokenPlan,
  how: 'counted' | 'each',
  request: Pick<GrantRequest, 'spend' | 'audit'>,
  deps: GrantDeps,
): MaybePromise<Committed> {
  return after(mintGranted(plan, deps), (granted) => {
    if (!granted.ok) return granted
    const recorded = recordIssuance(plan, granted.value.jti, how, request, deps)
    return after(recorded, (outcome) => (outcome === 'spent' ? outcome : granted))
  })
}

/** Records an issued token: as a count, as an audit row, or with the rows that spend single-use ids. */
function recordIssuance(
  plan: TokenPlan,
  jti: string,
  how: 'counted' | 'each',
  request: Pick<GrantRequest, 'spend' | 'audit'>,
  deps: GrantDeps,
): MaybePromise<'recorded' | 'spent'> {
  const aRow = how === 'each' || deps.auditEach
  // The members of the request come first: V8 copies them fastest there.
  const issued = {
    ...request.audit,
    event: 'token_issued',
    clientId: plan.client.id,
    audience: plan.resource.audience,
    grant: plan.grant,
    count: 1,
    // The collector counts events without an id.
    jti: aRow ? jti : null,
  } as const
  const event: AuditEvent = how === 'each' ? { ...issued, subject: plan.subject } : issued
  const events = aRow ? [event] : []
  if (request.spend.length > 0) {
    return deps.store.spent.spend(request.spend, events).then((outcome) => {
      if (outcome === 'spent') return outcome
      if (!aRow) deps.collector.add(event)
      return 'recorded'
    })
  }
  if (aRow) return deps.store.audit.append(events).then(() => 'recorded')
  deps.collector.add(event)
  return 'recorded'
}
