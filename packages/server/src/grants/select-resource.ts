import { ok, refuse, type Result } from '@countersign/jwt'
import type { ClientRecord } from '../store/port/records.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { GrantDeps } from './grant.ts'
import {
  selectAccess,
  type Access,
  type AccessRefusal,
  type AccessRequest,
} from './select-access.ts'

/** Gives the access of a client, limited to the scopes that each resource still offers. */
export function presentAccess(
  client: ClientRecord,
  resource: GrantDeps['resource'],
): readonly Access[] {
  const present: Access[] = []
  for (const access of client.access) {
    const offered = resource(access.audience)?.scopes
    if (offered === undefined) continue
    const isWhole = access.scopes.every((scope) => offered.includes(scope))
    const scopes = isWhole ? access.scopes : access.scopes.filter((one) => offered.includes(one))
    present.push({ audience: access.audience, scopes })
  }
  return present
}

/**
 * Selects the resource and the scopes for a request from the granted access.
 * Refuses: every reason of `selectAccess`; `resource_not_allowed` for a resource that was removed.
 */
export function selectResource(
  granted: readonly Access[],
  wanted: AccessRequest,
  resource: GrantDeps['resource'],
): Result<Pick<TokenPlan, 'resource' | 'scopes'>, AccessRefusal> {
  const access = selectAccess(granted, wanted)
  if (!access.ok) return access
  const record = resource(access.value.audience)
  if (record === undefined)
    return refuse({ reason: 'resource_not_allowed', asked: access.value.audience })
  return ok({ resource: record, scopes: access.value.scopes })
}
