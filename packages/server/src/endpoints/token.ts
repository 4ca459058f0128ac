import { ok, refuse, type Result } from '@countersign/jwt'
import type { AuthenticatedClient } from '../clients/method.ts'
import type { VerifiedClient } from '../clients/verified.ts'
import type { Form } from '../grants/form.ts'
import type { Grant, SenderKey, TokenGranted } from '../grants/grant.ts'
import {
  renderRefusal,
  tokenReasons,
  type ProofRefusal,
  type TokenRefusal,
} from '../grants/refusals.ts'
import { findGrant, grants } from '../grants/table.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { proofAlgs } from '../keys/material.ts'
import { defineEndpoint } from './endpoint.ts'
import { limitTime } from './limit-time.ts'
import { replyError, replyFreshText } from './oauth-reply.ts'
import { accessFields, answerJson, clientRefusals, tokenMembers } from './reference.ts'
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
 * Serves the token endpoint: parses, authenticates the client, checks its proof, runs the grant, replies.
 * Source: RFC 6749 §3.2 and §5; RFC 9449 §5 and §8.
 */
export const tokenEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/token',
  reference: {
    summary: 'Gives tokens to a client. The parameter grant_type names the way.',
    authentication: clients,
    parameters: [
      { in: 'header', name: 'DPoP', about: 'The proof of a key that the token is bound to.' },
    ],
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: grants.map(({ grantType, fields }) => ({
        name: grantType,
        fields: [
          { name: 'grant_type', about: 'The grant.', isRequired: true, values: [grantType] },
          ...fields,
          ...accessFields,
        ],
      })),
    },
    answers: [
      answerJson('The tokens.', [
        ...tokenMembers,
        { name: 'issued_token_type', about: 'The type of an exchanged token.' },
      ]),
      ...clientRefusals(tokenReasons),
    ],
  },
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
  Pick<Services, 'grants' | 'prove' | 'failedProofs' | 'nonce' | 'now'>

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
  const { client, spend } = authenticated
  const ran = parsed.grant.run(
    {
      form: parsed.form,
      client,
      spend,
      prove: () => proveKey(request, services),
      mayRepeat: attempt === 'first',
      audit: contextOf(request, client.id),
      now: services.now(),
    },
    services.grants,
  )
  return after(limitTime(ran), (outcome) => {
    if (outcome.ok) return render(outcome.value, services)
    const { refusal } = outcome
    if (refusal.reason === 'client_changed' && attempt === 'first') return 'client_changed'
    const answered = renderRefused(refusal, request, services)
    const isCounted = request.headers.dpop !== undefined && isGuess(refusal, client)
    return isCounted
      ? services.failedProofs.countProof(request.address).then(() => answered)
      : answered
  })
}

/** Checks a proof. It is refused without a check where its address sent too many bad ones. */
function proveKey(
  request: HttpRequest,
  { prove, failedProofs }: TokenServices,
): MaybePromise<Result<SenderKey | undefined, ProofRefusal>> {
  const { headers, address } = request
  const waiting = headers.dpop === undefined ? undefined : failedProofs.waitOfProofs(address)
  return after(waiting, (wait) => {
    if (wait !== undefined) return refuse({ reason: 'too_many_proofs', retryAfterSeconds: wait })
    const key = prove(request)
    if (!key.ok) return key
    return ok(key.value === undefined ? undefined : { ...key.value, spend: [key.value.spend] })
  })
}

/**
 * Whether a refusal counts as a guess, because it cost a check of a signature.
 * Why public clients always count: they prove nothing else, so a stranger may have copied the proof.
 */
function isGuess({ reason }: TokenRefusal, { authentication }: VerifiedClient): boolean {
  if (reason === 'proof_invalid') return true
  return !innocent.has(reason) && authentication === 'none'
}

/** Refusals of requests whose proof was not verified. */
const innocent: ReadonlySet<TokenRefusal['reason']> = new Set([
  'proof_nonce_missing',
  'proof_nonce_stale',
  'too_many_proofs',
])

/** Writes the answer as text. Why: it takes a third of the time of `JSON.stringify`, and tokens need no escapes. */
function render(granted: TokenGranted, services: TokenServices): HttpReply {
  const {
    accessToken,
    tokenType,
    expiresInSeconds,
    scopes,
    refreshToken,
    idToken,
    issuedTokenType,
  } = granted
  let body = `{"access_token":"${accessToken}"`
  if (issuedTokenType !== undefined) body += `,"issued_token_type":"${issuedTokenType}"`
  body += `,"token_type":"${tokenType}","expires_in":${expiresInSeconds}`
  if (scopes.length > 0) body += `,"scope":${JSON.stringify(scopes.join(' '))}`
  if (refreshToken !== undefined) body += `,"refresh_token":"${refreshToken}"`
  if (idToken !== undefined) body += `,"id_token":"${idToken}"`
  return replyFreshText(
    `${body}}`,
    tokenType === 'DPoP' ? { 'dpop-nonce': services.nonce() } : undefined,
  )
}

function renderRefused(
  refusal: TokenRefusal,
  request: HttpRequest,
  services: TokenServices,
): HttpReply {
  const nonce = request.headers.dpop === undefined ? {} : { 'dpop-nonce': services.nonce() }
  const retry =
    refusal.reason === 'too_many_proofs'
      ? { 'retry-after': String(refusal.retryAfterSeconds) }
      : undefined
  return replyError(renderRefusal(refusal), { ...nonce, ...retry })
}
