import { isEnvelope } from '@countersign/guard/token'
import { leewaySecondsMax, ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuthenticatedClient } from '../clients/method.ts'
import type { Form } from '../grants/form.ts'
import type { TokenRefusal } from '../grants/refusals.ts'
import type { HttpReply } from '../http/exchange.ts'
import type { SpentId } from '../store/port/spending.ts'
import { defineEndpoint } from './endpoint.ts'
import { limitTime } from './limit-time.ts'
import { replyError, replyNothing } from './oauth-reply.ts'
import { clientRefusals, answerJson, described, refusal, type RequestBody } from './reference.ts'
import type { Services } from './services.ts'
import { contextOf, withClient, type ClientServices } from './with-client.ts'

const clients = 'all'

/** The form that revocation and introspection share. */
export const tokenBody: RequestBody = {
  mediaType: 'application/x-www-form-urlencoded',
  kinds: [{ fields: [{ name: 'token', about: 'The token.', isRequired: true }] }],
}

const unsupported = {
  status: 400,
  error: 'unsupported_token_type',
  description: 'An encrypted access token cannot be opened here; revoke its refresh token.',
} as const

/**
 * Revokes a token: ends the family of a refresh token, or adds an access token to the revocation log.
 * Refuses: `unsupported_token_type` for an encrypted token that only its resource can decrypt.
 * Why: unknown tokens and those of other clients get the same 200, so that the answer reveals nothing. It is sent once this
 * node refuses the revoked token.
 * Source: RFC 7009 §2.
 */
export const revokeEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/revoke',
  reference: {
    summary: 'Revokes a token of the client. A refresh token ends its family.',
    authentication: clients,
    body: tokenBody,
    answers: [
      answerJson('The token is revoked, unknown, or of another client.', []),
      refusal(unsupported.status, unsupported.error, unsupported.description, [described]),
      ...clientRefusals(),
    ],
  },
  cors: 'listed',
  metadata: { member: 'revocation_endpoint', clients },
  make: (services: RevokeServices) => (request) =>
    withClient(
      request,
      {
        clients,
        parse: parseTokenForm,
        act: (token, authenticated) => {
          const audit = contextOf(request, authenticated.client.id)
          return limitTime(revoke(token, authenticated, audit, services))
        },
      },
      services,
    ),
})

type RevokeServices = ClientServices &
  Pick<Services, 'store' | 'refreshTokens' | 'reader' | 'onUnreadToken' | 'now' | 'catchUp'>

/** Reads the form that revocation and introspection share. */
export function parseTokenForm(form: Form): Result<string, TokenRefusal> {
  const token = form.get('token')
  return token === undefined ? refuse({ reason: 'parameter_missing', name: 'token' }) : ok(token)
}

async function revoke(
  token: string,
  { client, spend }: AuthenticatedClient,
  audit: AuditContext,
  services: RevokeServices,
): Promise<HttpReply | 'spent'> {
  const refresh = services.refreshTokens.read(token)
  if (refresh !== undefined) {
    const family = await services.store.refreshTokens.find(refresh.sid)
    if (family?.clientId !== client.id) return spendAlone(spend, replyNothing(200), services)
    const outcome = await services.store.refreshTokens.end(refresh.sid, 'revoked', audit, { spend })
    return outcome === 'spent' ? outcome : confirmRevoked(services)
  }
  const access = await services.reader.readToken(token, services.now())
  if (!access.ok) {
    services.onUnreadToken('revocation', access.refusal.reason)
    const isForeign = isEnvelope(token) && !services.reader.envelopes.knows(token)
    return spendAlone(spend, isForeign ? replyError(unsupported) : replyNothing(200), services)
  }
  if (access.value.prepared.clientId !== client.id)
    return spendAlone(spend, replyNothing(200), services)
  const { jti, cid, sid, expiresAt } = access.value.prepared
  const target = { kind: 'token', jti } as const
  const until = (expiresAt + leewaySecondsMax) as EpochSeconds
  // Counted for the client that asks: an exchanged token has the `cid` of another client, whose version must stay.
  const owner = { cid: client.internalId, sid: cid === client.internalId ? sid : undefined }
  const entry = await services.store.revocations.add(target, until, audit, owner, { spend })
  return entry === 'spent' ? entry : confirmRevoked(services)
}

async function confirmRevoked({ catchUp }: RevokeServices): Promise<HttpReply> {
  await catchUp()
  return replyNothing(200)
}

/** Spends the ids of the proof where nothing is revoked. */
async function spendAlone(
  spend: readonly SpentId[],
  reply: HttpReply,
  { store }: RevokeServices,
): Promise<HttpReply | 'spent'> {
  if (spend.length === 0) return reply
  return (await store.spent.spend(spend)) === 'spent' ? 'spent' : reply
}
