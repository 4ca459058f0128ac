import { leewaySecondsDefault, ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { ResourceRecord } from '../store/port/records.ts'
import { assertionIdSecondsKept } from '../store/port/spending.ts'
import { defineGrant } from './define-grant.ts'
import type { GrantRequest } from './grant.ts'
import { mintAndRecord } from './issue.ts'
import { presentAccess, selectResource } from './select-resource.ts'
import { targetsOf } from './form.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { TokenRefusal } from './refusals.ts'
import { intersectAccess, type Access, type AccessRequest } from './select-access.ts'
import type { Assertion, TrustedIssuer } from './trusted-issuer.ts'
import { after } from '../maybe-promise.ts'
import { detailOfToken } from '../token-detail.ts'

export interface AssertionFacts {
  readonly issuer: TrustedIssuer
  readonly assertion: Assertion
  readonly access: readonly Access[]
  readonly resource: (audience: string) => ResourceRecord | undefined
}

/**
 * Gives a token for a subject that a trusted issuer names in an assertion.
 * Source: RFC 7523 §2.1 and §3.
 */
export const jwtBearer = defineGrant<
  AccessRequest & { readonly assertion: string },
  AssertionFacts,
  TokenPlan & { readonly assertion: Assertion; readonly issuer: string }
>({
  grantType: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  shortName: 'jwt-bearer',
  publicClients: false,
  about: 'Gives a token for a subject that a trusted issuer names.',
  fields: [{ name: 'assertion', about: 'The JWT of the trusted issuer.', isRequired: true }],
  parse: (form) => {
    const assertion = form.get('assertion')
    if (assertion === undefined) return refuse({ reason: 'parameter_missing', name: 'assertion' })
    return ok({ assertion, resources: targetsOf(form), scope: form.get('scope') })
  },
  read: ({ assertion }, { client, now }, { trustedIssuer, resource }) => {
    const issuer = trustedIssuer(assertion)
    if (issuer === undefined) return refuse({ reason: 'assertion_issuer_unknown' })
    return after(issuer.verify(assertion, now), (verified) => {
      if (!verified.ok)
        return refuse({ reason: 'assertion_invalid', detail: detailOfToken(verified.refusal) })
      const access = intersectAccess(issuer.access, presentAccess(client, resource))
      return ok({ issuer, assertion: verified.value, access, resource })
    })
  },
  decide: (wanted, facts, request) => {
    const plan = decideAssertion(wanted, facts, request)
    if (!plan.ok) return plan
    return ok({ ...plan.value, assertion: facts.assertion, issuer: facts.issuer.issuer })
  },
  once: ({ assertion: { jti: id, expiresAt }, issuer: owner }) =>
    id === undefined
      ? []
      : [
          {
            space: 'jwt_bearer',
            owner,
            id,
            until: (expiresAt + assertionIdSecondsKept) as EpochSeconds,
          },
        ],
  commit: (plan, request, deps) => mintAndRecord(plan, 'each', request, deps),
})

/**
 * Decides which token a verified assertion gives. Pure.
 * Refuses: `assertion_client_not_allowed`, `assertion_subject_not_allowed`, `assertion_too_long_lived`,
 * and every reason of `selectAccess` within the access of both the issuer's row and the client.
 * Not checked: that the assertion was not used before; the commit decides that.
 * Why: the user is the pair of issuer and subject, so no issuer can name a user or a client of ours.
 * Source: RFC 7523 §3; ours (the table).
 */
function decideAssertion(
  wanted: AccessRequest,
  facts: AssertionFacts,
  request: Pick<GrantRequest, 'client' | 'jkt' | 'now'>,
): Result<TokenPlan, TokenRefusal> {
  const { issuer, assertion } = facts
  const { client, jkt, now } = request
  if (!issuer.clients.includes(client.id)) return refuse({ reason: 'assertion_client_not_allowed' })
  if (!issuer.subjects.includes(assertion.subject)) {
    return refuse({ reason: 'assertion_subject_not_allowed' })
  }
  if (assertion.expiresAt > now + issuer.maxAgeSeconds + leewaySecondsDefault) {
    return refuse({ reason: 'assertion_too_long_lived' })
  }
  const access = selectResource(facts.access, wanted, facts.resource)
  if (!access.ok) return access
  return ok({
    client,
    ...access.value,
    subject: `${issuer.issuer}|${assertion.subject}`,
    username: assertion.subject,
    sid: undefined,
    jkt,
    grant: jwtBearer.grantType,
    now,
  })
}
