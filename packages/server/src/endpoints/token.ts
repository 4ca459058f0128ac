import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuditCollector } from '../audit/collector.ts'
import type { AuthenticatedClient } from '../clients/authenticate.ts'
import type { VerifiedClient } from '../clients/verified.ts'
import { parseForm, type Form } from '../grants/form.ts'
import type { Grant, GrantDeps, TokenGranted } from '../grants/grant.ts'
import type { ProofRequest, ProvenKey } from '../grants/proof.ts'
import {
  detailRefusal,
  renderRefusal,
  type ProofRefusal,
  type TokenRefusal,
} from '../grants/refusals.ts'
import { findGrant } from '../grants/table.ts'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'
import type { AuthenticateClient } from './client-authentication.ts'
import { inTime } from './in-time.ts'
import { isForm, replyError, replyFreshText } from './oauth-reply.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

export interface TokenEndpointDeps {
  readonly grants: GrantDeps
  readonly authenticate: AuthenticateClient
  /** Checks a DPoP proof, where there is one. */
  readonly prove: (request: ProofRequest) => Result<ProvenKey | undefined, ProofRefusal>
  /** Proofs that failed, by address. */
  readonly failedProofs: FailedProofs
  /** Forgets what is remembered of a client, so that it is read again. */
  readonly forgetClient: (clientId: string) => void
  /** Sent with each answer to a proof. */
  readonly nonce: () => string
  readonly collector: Pick<AuditCollector, 'add'>
  readonly now: () => EpochSeconds
}

/** Counts what was verified in vain, because a signature costs more than a token does. */
export interface FailedProofs {
  readonly countProof: (address: string) => Promise<void>
  /** The seconds that an address has to wait. */
  readonly waitOfProofs: (address: string) => MaybePromise<number | undefined>
}

export const tokenPath = '/oauth2/token'

/**
 * The token endpoint: parse, authenticate the client, prove its key, run the grant's row, reply.
 * Source: RFC 6749 §3.2 and §5; RFC 9449 §5 and §8.
 */
export function tokenEndpoint(deps: TokenEndpointDeps): Endpoint {
  return {
    method: 'POST',
    path: tokenPath,
    handle: (request) => {
      const parsed = parseTokenRequest(request)
      if (!parsed.ok) return replyError(renderRefusal(parsed.refusal))
      return answer(request, parsed.value, deps, 'first')
    },
  }
}

interface TokenRequest {
  readonly form: Form
  readonly grant: Grant
}

function parseTokenRequest(request: HttpRequest): Result<TokenRequest, TokenRefusal> {
  if (!isForm(request)) return refuse({ reason: 'media_type_unsupported' })
  const form = parseForm(request.body)
  if (!form.ok) return form
  const grantType = form.value.get('grant_type')
  if (grantType === undefined) return refuse({ reason: 'parameter_missing', name: 'grant_type' })
  const grant = findGrant(grantType)
  if (grant === undefined) return refuse({ reason: 'grant_type_unknown' })
  return ok({ form: form.value, grant })
}

function answer(
  request: HttpRequest,
  parsed: TokenRequest,
  deps: TokenEndpointDeps,
  attempt: 'first' | 'second',
): MaybePromise<HttpReply> {
  return after(deps.authenticate(request, parsed.form), (authenticated) => {
    if (!authenticated.ok) return authenticated.refusal
    const { client } = authenticated.value
    const ran = afterProofs(request, deps, () =>
      runGrant(request, parsed, authenticated.value, deps),
    )
    return after(inTime(ran), (outcome) => {
      if (outcome.ok) return render(outcome.value, deps)
      if (outcome.refusal.reason === 'client_changed' && attempt === 'first') {
        // Another node changed the client a moment ago: look again and decide anew.
        deps.forgetClient(client.id)
        return answer(request, parsed, deps, 'second')
      }
      const { refusal } = outcome
      const answered = renderRefused(refusal, parsed, authenticated.value, request, deps)
      const isCounted = request.headers.dpop !== undefined && isGuess(refusal, client)
      return isCounted
        ? deps.failedProofs.countProof(request.address).then(() => answered)
        : answered
    })
  })
}

/** Refuses a proof unread where its address sent too many in vain. */
function afterProofs(
  { headers, address }: HttpRequest,
  { failedProofs }: TokenEndpointDeps,
  run: () => MaybePromise<Result<TokenGranted, TokenRefusal>>,
): MaybePromise<Result<TokenGranted, TokenRefusal>> {
  if (headers.dpop === undefined) return run()
  return after(failedProofs.waitOfProofs(address), (wait) =>
    wait === undefined ? run() : refuse({ reason: 'too_many_proofs', retryAfterSeconds: wait }),
  )
}

/**
 * Whether a refusal counts as a guess: a signature was verified in vain.
 * Why: a public client proves nothing else, so its proof may be one that a stranger copied.
 */
function isGuess({ reason }: TokenRefusal, { authentication }: VerifiedClient): boolean {
  switch (reason) {
    case 'proof_invalid':
      return true
    case 'proof_nonce_missing':
    case 'proof_nonce_stale':
    case 'too_many_proofs':
      return false
    default:
      return authentication === 'none'
  }
}

function runGrant(
  request: HttpRequest,
  { form, grant }: TokenRequest,
  { client, spend }: AuthenticatedClient,
  deps: TokenEndpointDeps,
): MaybePromise<Result<TokenGranted, TokenRefusal>> {
  const isPublic = client.authentication === 'none'
  if (!client.grantTypes.includes(grant.grantType) || (isPublic && !grant.publicClients)) {
    return refuse({ reason: 'grant_not_allowed' })
  }
  const key = deps.prove(request)
  if (!key.ok) return key
  return grant.run(
    {
      form,
      client,
      spend: key.value === undefined ? spend : [...spend, key.value.spend],
      jkt: key.value?.jkt,
      audit: contextOf(request, client.id),
      now: deps.now(),
    },
    deps.grants,
  )
}

/** Written out, which takes a third of what a record of it would; tokens have no letter that JSON would escape. */
function render(granted: TokenGranted, deps: TokenEndpointDeps): HttpReply {
  const { accessToken, tokenType, expiresInSeconds, scopes, refreshToken, issuedTokenType } =
    granted
  let body = `{"access_token":"${accessToken}"`
  if (issuedTokenType !== undefined) body += `,"issued_token_type":"${issuedTokenType}"`
  body += `,"token_type":"${tokenType}","expires_in":${expiresInSeconds}`
  if (scopes.length > 0) body += `,"scope":${JSON.stringify(scopes.join(' '))}`
  if (refreshToken !== undefined) body += `,"refresh_token":"${refreshToken}"`
  return replyFreshText(
    `${body}}`,
    tokenType === 'DPoP' ? { 'dpop-nonce': deps.nonce() } : undefined,
  )
}

function renderRefused(
  refusal: TokenRefusal,
  { grant }: TokenRequest,
  { client }: AuthenticatedClient,
  request: HttpRequest,
  deps: TokenEndpointDeps,
): HttpReply {
  const wire = renderRefusal(refusal)
  // A proof without the nonce is how every conversation with DPoP begins; it is nobody's misdeed.
  if (wire.error !== 'use_dpop_nonce') {
    deps.collector.add({
      event: 'token_refused',
      clientId: client.id,
      grant: grant.grantType,
      reason: detailRefusal(refusal),
      count: 1,
      ...contextOf(request, client.id),
    })
  }
  const nonce = request.headers.dpop === undefined ? {} : { 'dpop-nonce': deps.nonce() }
  const retry =
    refusal.reason === 'too_many_proofs'
      ? { 'retry-after': String(refusal.retryAfterSeconds) }
      : undefined
  return replyError(wire, { ...nonce, ...retry })
}

function contextOf({ requestId, address }: HttpRequest, clientId: string): AuditContext {
  return { requestId, address, actor: `client:${clientId}` }
}
