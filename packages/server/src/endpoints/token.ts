import { ok, refuse, type Result } from '@countersign/jwt'
import type { AuthenticatedClient } from '../clients/authenticate.ts'
import type { VerifiedClient } from '../clients/verified.ts'
import type { Form } from '../grants/form.ts'
import type { Grant, TokenGranted } from '../grants/grant.ts'
import { detailRefusal, renderRefusal, type TokenRefusal } from '../grants/refusals.ts'
import { findGrant, grants } from '../grants/table.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { proofAlgs } from '../keys/material.ts'
import { defineEndpoint } from './endpoint.ts'
import { inTime } from './in-time.ts'
import { replyError, replyFreshText } from './oauth-reply.ts'
import type { Services } from './services.ts'
import {
  contextOf,
  withClient,
  type Attempt,
  type ClientOutcome,
  type ClientServices,
} from './with-client.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

const clients = 'all'

/**
 * The token endpoint: parse, authenticate the client, prove its key, run the grant's row, reply.
 * Source: RFC 6749 §3.2 and §5; RFC 9449 §5 and §8.
 */
export const tokenEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/token',
  cors: 'listed',
  metadata: {
    member: 'token_endpoint',
    clients,
    more: {
      grant_types_supported: grants.map(({ grantType }) => grantType),
      dpop_signing_alg_values_supported: proofAlgs,
    },
  },
  make: (services: TokenServices) => (request) =>
    withClient(
      request,
      {
        clients,
        parse: parseTokenRequest,
        act: (parsed, authenticated, attempt) =>
          answer(request, parsed, authenticated, attempt, services),
      },
      services,
    ),
})

type TokenServices = ClientServices &
  Pick<Services, 'grants' | 'prove' | 'failedProofs' | 'nonce' | 'collector' | 'now'>

interface TokenRequest {
  readonly form: Form
  readonly grant: Grant
}

function parseTokenRequest(form: Form): Result<TokenRequest, TokenRefusal> {
  const grantType = form.get('grant_type')
  if (grantType === undefined) return refuse({ reason: 'parameter_missing', name: 'grant_type' })
  const grant = findGrant(grantType)
  if (grant === undefined) return refuse({ reason: 'grant_type_unknown' })
  return ok({ form, grant })
}

function answer(
  request: HttpRequest,
  parsed: TokenRequest,
  authenticated: AuthenticatedClient,
  attempt: Attempt,
  services: TokenServices,
): MaybePromise<ClientOutcome> {
  const ran = afterProofs(request, services, () =>
    runGrant(request, parsed, authenticated, services),
  )
  return after(inTime(ran), (outcome) => {
    if (outcome.ok) return render(outcome.value, services)
    const { refusal } = outcome
    if (refusal.reason === 'client_changed' && attempt === 'first') return 'client_changed'
    const answered = renderRefused(refusal, parsed, authenticated, request, services)
    const isCounted = request.headers.dpop !== undefined && isGuess(refusal, authenticated.client)
    return isCounted
      ? services.failedProofs.countProof(request.address).then(() => answered)
      : answered
  })
}

/** Refuses a proof unread where its address sent too many in vain. */
function afterProofs(
  { headers, address }: HttpRequest,
  { failedProofs }: TokenServices,
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
  services: TokenServices,
): MaybePromise<Result<TokenGranted, TokenRefusal>> {
  const isPublic = client.authentication === 'none'
  if (!client.grantTypes.includes(grant.grantType) || (isPublic && !grant.publicClients)) {
    return refuse({ reason: 'grant_not_allowed' })
  }
  const key = services.prove(request)
  if (!key.ok) return key
  return grant.run(
    {
      form,
      client,
      spend: key.value === undefined ? spend : [...spend, key.value.spend],
      jkt: key.value?.jkt,
      audit: contextOf(request, client.id),
      now: services.now(),
    },
    services.grants,
  )
}

/** Written out, which takes a third of what a record of it would; tokens have no letter that JSON would escape. */
function render(granted: TokenGranted, services: TokenServices): HttpReply {
  const { accessToken, tokenType, expiresInSeconds, scopes, refreshToken, issuedTokenType } =
    granted
  let body = `{"access_token":"${accessToken}"`
  if (issuedTokenType !== undefined) body += `,"issued_token_type":"${issuedTokenType}"`
  body += `,"token_type":"${tokenType}","expires_in":${expiresInSeconds}`
  if (scopes.length > 0) body += `,"scope":${JSON.stringify(scopes.join(' '))}`
  if (refreshToken !== undefined) body += `,"refresh_token":"${refreshToken}"`
  return replyFreshText(
    `${body}}`,
    tokenType === 'DPoP' ? { 'dpop-nonce': services.nonce() } : undefined,
  )
}

function renderRefused(
  refusal: TokenRefusal,
  { grant }: TokenRequest,
  { client }: AuthenticatedClient,
  request: HttpRequest,
  services: TokenServices,
): HttpReply {
  const wire = renderRefusal(refusal)
  // A proof without the nonce is how every conversation with DPoP begins; it is nobody's misdeed.
  if (wire.error !== 'use_dpop_nonce') {
    services.collector.add({
      event: 'token_refused',
      clientId: client.id,
      grant: grant.grantType,
      reason: detailRefusal(refusal),
      count: 1,
      ...contextOf(request, client.id),
    })
  }
  const nonce = request.headers.dpop === undefined ? {} : { 'dpop-nonce': services.nonce() }
  const retry =
    refusal.reason === 'too_many_proofs'
      ? { 'retry-after': String(refusal.retryAfterSeconds) }
      : undefined
  return replyError(wire, { ...nonce, ...retry })
}
