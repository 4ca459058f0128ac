import { ok, refuse, type Result } from '@countersign/jwt'
import {
  after,
  commitIssuance,
  defineGrant,
  mintGranted,
  presentAccess,
  type GrantRequest,
} from './grant.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { TokenRefusal } from './refusals.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import { selectAccess, type Access, type AccessRequest } from './select-access.ts'

export interface ClientCredentialsFacts {
  readonly access: readonly Access[]
  readonly resource: (audience: string) => ResourceRecord | undefined
}

/**
 * The client asks for a token of its own.
 * Source: RFC 6749 §4.4; RFC 8707; no refresh token (§4.4.3).
 */
export const clientCredentials = defineGrant<AccessRequest, ClientCredentialsFacts, TokenPlan>({
  grantType: 'client_credentials',
  publicClients: false,
  parse: (form) => ok({ resources: form.resources, scope: form.get('scope') }),
  read: (_, { client }, { resource }) => ok({ access: presentAccess(client, resource), resource }),
  decide: decideClientToken,
  commit: (plan, request, deps) =>
    after(mintGranted(plan, deps), (granted) => {
      if (!granted.ok) return granted
      const issued = commitIssuance(plan, granted.value.jti, 'counted', request, deps)
      return after(issued, (committed) => (committed.ok ? granted : committed))
    }),
})

/**
 * Decides what a client may receive in its own name. Pure.
 * Refuses: what `selectAccess` refuses, `proof_missing`.
 * Source: RFC 9449 §5 (clients that must prove a key).
 */
export function decideClientToken(
  wanted: AccessRequest,
  facts: ClientCredentialsFacts,
  request: Pick<GrantRequest, 'client' | 'jkt' | 'now'>,
): Result<TokenPlan, TokenRefusal> {
  const { client, jkt, now } = request
  if (client.dpopRequired && jkt === undefined) return refuse({ reason: 'proof_missing' })
  const access = selectAccess(facts.access, wanted)
  if (!access.ok) return access
  const resource = facts.resource(access.value.audience)
  if (resource === undefined) return refuse({ reason: 'resource_not_allowed' })
  return ok({
    client,
    resource,
    scopes: access.value.scopes,
    subject: client.id,
    username: client.id,
    sid: undefined,
    jkt,
    grant: 'client_credentials',
    now,
  })
}
