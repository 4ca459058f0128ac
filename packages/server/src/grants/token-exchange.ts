import { ok, refuse, type Result } from '@countersign/jwt'
import type { ResourceRecord } from '../store/port/records.ts'
import { defineGrant } from './define-grant.ts'
import type { GrantRequest } from './grant.ts'
import { mintAndRecord } from './issue.ts'
import { presentAccess, selectResource } from './select-resource.ts'
import { targetsOf } from './form.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import type { TokenRefusal } from './refusals.ts'
import type { Access, AccessRequest } from './select-access.ts'
import { after } from '../maybe-promise.ts'
import { detailOfToken, type RefusedToken } from '../token-detail.ts'

interface ExchangeRequest extends AccessRequest {
  readonly subjectToken: string
}

export interface ExchangeFacts {
  readonly subject: OwnToken
  readonly access: readonly Access[]
  readonly resource: (audience: string) => ResourceRecord | undefined
}

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'

const jwtType = 'urn:ietf:params:oauth:token-type:jwt'

/** Units: actors in the chain of one token. */
const actorsMax = 4

/**
 * Lets a client whose resource was called act for the caller at another resource.
 * Source: RFC 8693 §2; the tokens that it accepts, and that the result only narrows, are ours.
 */
export const tokenExchange = defineGrant<ExchangeRequest, ExchangeFacts, TokenPlan>({
  grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
  shortName: 'exchange',
  publicClients: false,
  about: 'Lets the client of a resource act for the caller at another resource.',
  fields: [
    { name: 'subject_token', about: 'The access token of the caller.', isRequired: true },
    {
      name: 'subject_token_type',
      about: 'The type of the subject token.',
      isRequired: true,
      values: [accessTokenType, jwtType],
    },
    {
      name: 'requested_token_type',
      about: 'The type of the wanted token.',
      values: [accessTokenType],
    },
  ],
  parse: (form) => {
    const subjectToken = form.get('subject_token')
    const type = form.get('subject_token_type')
    if (subjectToken === undefined) {
      return refuse({ reason: 'parameter_missing', name: 'subject_token' })
    }
    if (type === undefined)
      return refuse({ reason: 'parameter_missing', name: 'subject_token_type' })
    // A token of ours has both types.
    if (type !== accessTokenType && type !== jwtType)
      return refuse({ reason: 'subject_token_type_unsupported' })
    if ((form.get('requested_token_type') ?? accessTokenType) !== accessTokenType) {
      return refuse({ reason: 'requested_token_type_unsupported' })
    }
    if (form.get('actor_token') !== undefined || form.get('actor_token_type') !== undefined) {
      return refuse({ reason: 'actor_token_unsupported' })
    }
    return ok({ subjectToken, resources: targetsOf(form), scope: form.get('scope') })
  },
  read: ({ subjectToken }, { client, now }, { readToken, resource }) =>
    after(readToken(subjectToken, now), (subject): Result<ExchangeFacts, TokenRefusal> => {
      if (!subject.ok) {
        return subject.refusal.reason === 'revoked'
          ? refuse({ reason: 'subject_token_revoked' })
          : refuse({ reason: 'subject_token_invalid', detail: detailOfSubject(subject.refusal) })
      }
      const { prepared } = subject.value
      return ok({ subject: prepared, access: presentAccess(client, resource), resource })
    }),
  decide: decideExchange,
  commit: (plan, request, deps) =>
    after(mintAndRecord(plan, 'each', request, deps), (granted) =>
      granted !== 'spent' && granted.ok
        ? ok({ ...granted.value, issuedTokenType: accessTokenType })
        : granted,
    ),
})

/** A token that is not proven may say anything, so only its reason is recorded. */
function detailOfSubject(refusal: RefusedToken & { readonly proven: boolean }): string {
  return refusal.proven ? detailOfToken(refusal) : refusal.reason
}

/**
 * Decides which token a client may receive to act for the caller of its resource. Pure.
 * Refuses: `subject_token_of_other_resource`, `subject_token_invalid` (signed with a secret that the resource has too),
 * `subject_token_bound`, `actor_chain_too_long`, and every reason of `selectAccess` within the access of both the caller
 * and the client.
 * Why: the new token must not allow more than the caller's token, and must end with it.
 * Source: RFC 8693 §2.1, §4.1 and §5; ours.
 */
function decideExchange(
  wanted: AccessRequest,
  facts: ExchangeFacts,
  request: Pick<GrantRequest, 'client' | 'jkt' | 'now'>,
): Result<TokenPlan, TokenRefusal> {
  const { client, jkt, now } = request
  const { subject } = facts
  if (facts.resource(subject.audience)?.clientId !== client.id) {
    return refuse({ reason: 'subject_token_of_other_resource' })
  }
  // The resource has the secret, so it could name any caller in such a token.
  if (subject.isShared) {
    return refuse({ reason: 'subject_token_invalid', detail: 'shared_secret' })
  }
  if (subject.jkt !== undefined && jkt === undefined)
    return refuse({ reason: 'subject_token_bound' })
  if (countActors(subject.act) >= actorsMax) return refuse({ reason: 'actor_chain_too_long' })
  const both = facts.access.map(({ audience, scopes }) => ({
    audience,
    scopes: scopes.filter((scope) => subject.scopes.includes(scope)),
  }))
  const access = selectResource(both, wanted, facts.resource)
  if (!access.ok) return access
  return ok({
    client,
    ...access.value,
    subject: subject.subject,
    username: subject.username,
    sid: subject.sid,
    jkt,
    grant: tokenExchange.grantType,
    now,
    parent: parentOf(subject, request),
  })
}

function parentOf(
  subject: OwnToken,
  { client }: Pick<GrantRequest, 'client'>,
): NonNullable<TokenPlan['parent']> {
  const actor = { sub: client.id, cid: client.internalId, cv: client.version }
  const kids = [subject.kid, subject.envelopeKid].filter((kid) => kid !== undefined)
  return {
    cid: subject.cid,
    cv: subject.cv,
    uv: subject.uv,
    act: subject.act === undefined ? actor : { ...actor, act: subject.act },
    ancestors: [...subject.ancestors, subject.jti],
    ancestorKids: [...new Set([...subject.ancestorKids, ...kids])],
    ancestorIat: subject.ancestorIat ?? subject.issuedAt,
    expiresAt: subject.expiresAt,
  }
}

function countActors(act: OwnToken['act']): number {
  let count = 0
  for (let at = act; typeof at === 'object' && at !== null && count <= actorsMax; at = actOf(at)) {
    count += 1
  }
  return count
}

function actOf(act: object): object | undefined {
  const inner: unknown = 'act' in act ? act.act : undefined
  return typeof inner === 'object' && inner !== null ? inner : undefined
}
