import { ok, type Result } from '@countersign/jwt'
import { defineGrant } from './define-grant.ts'
import type { GrantRequest } from './grant.ts'
import { mintAndRecord } from './issue.ts'
import { presentAccess, selectResource } from './select-resource.ts'
import { targetsOf } from './form.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { TokenRefusal } from './refusals.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { Access, AccessRequest } from './select-access.ts'

export interface ClientCredentialsFacts {
  readonly access: readonly Access[]
  readonly resource: (audience: string) => ResourceRecord | undefined
}

/**
 * Gives a client a token of its own.
 * Source: RFC 6749 §4.4; RFC 8707; no refresh token (§4.4.3).
 */
export const clientCredentials = defineGrant<AccessRequest, ClientCredentialsFacts, TokenPlan>({
  grantType: 'client_credentials',
  shortName: 'client',
  publicClients: false,
  about: 'Gives a client a token of its own.',
  fields: [],
  parse: (form) => ok({ resources: targetsOf(form), scope: form.get('scope') }),
  read: (_, { client }, { resource }) => ok({ access: presentAccess(client, resource), resource }),
  decide: decideClientToken,
  commit: (plan, request, deps) => mintAndRecord(plan, 'counted', request, deps),
})

/**
 * Decides which token a client may receive for itself. Pure.
 * Refuses: every reason of `selectAccess`.
 */
export function decideClientToken(
  wanted: AccessRequest,
  facts: ClientCredentialsFacts,
  request: Pick<GrantRequest, 'client' | 'jkt' | 'now'>,
): Result<TokenPlan, TokenRefusal> {
  const { client, jkt, now } = request
  const access = selectResource(facts.access, wanted, facts.resource)
  if (!access.ok) return access
  return ok({
    client,
    resource: access.value.resource,
    scopes: access.value.scopes,
    subject: client.id,
    username: client.id,
    sid: undefined,
    jkt,
    grant: 'client_credentials',
    now,
  })
}
