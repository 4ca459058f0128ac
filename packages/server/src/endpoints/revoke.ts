import { isEnvelope } from '@countersign/guard/token'
import { leewaySecondsMax, ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuthenticatedClient } from '../clients/authenticate.ts'
import { parseForm, type Form } from '../grants/form.ts'
import type { RefreshTokens } from '../grants/refresh-token.ts'
import { renderRefusal, type TokenRefusal } from '../grants/refusals.ts'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { Store } from '../store/port/store.ts'
import type { OwnReader } from '../tokens/own-reader.ts'
import type { AuthenticateClient, TurnAway } from './client-authentication.ts'
import { inTime } from './in-time.ts'
import { isForm, replyError, replyNothing } from './oauth-reply.ts'
import { after } from '../maybe-promise.ts'

export interface RevokeEndpointDeps {
  readonly authenticate: AuthenticateClient
  readonly turnAway: TurnAway
  readonly store: Pick<Store, 'refreshTokens' | 'revocations' | 'spent'>
  readonly refreshTokens: RefreshTokens
  readonly reader: OwnReader
  readonly onUnreadToken: NoteUnreadToken
  readonly now: () => EpochSeconds
  /** Waits until this node knows what was committed before; never fails. */
  readonly catchUp: () => Promise<void>
}

/** Receives the reason of a token that an endpoint did not accept. The client is not told. */
export type NoteUnreadToken = (endpoint: 'introspection' | 'revocation', reason: string) => void

/**
 * The revocation endpoint: a refresh token ends its family, an access token goes into the revocation log.
 * Refuses: `unsupported_token_type` for an encrypted token that only its resource can open.
 * Why: unknown tokens and those of other clients get the same 200, so that nothing can be learnt here. It is given when
 * this node itself refuses what was taken back.
 * Source: RFC 7009 §2.
 */
export function revokeEndpoint(deps: RevokeEndpointDeps): Endpoint {
  return {
    method: 'POST',
    path: '/oauth2/revoke',
    handle: (request) => {
      const parsed = parseTokenForm(request)
      if (!parsed.ok) return replyError(renderRefusal(parsed.refusal))
      const { form, token } = parsed.value
      return after(deps.authenticate(request, form), (authenticated) => {
        if (!authenticated.ok) return authenticated.refusal
        const { value } = authenticated
        const revoked = inTime(revoke(token, value, contextOf(request, value), deps))
        return after(revoked, (outcome) =>
          outcome === 'spent'
            ? deps.turnAway(request, value.client, 'client_assertion_replayed')
            : outcome,
        )
      })
    },
  }
}

/** Reads the form that revocation and introspection share. */
export function parseTokenForm(
  request: HttpRequest,
): Result<{ readonly form: Form; readonly token: string }, TokenRefusal> {
  if (!isForm(request)) return refuse({ reason: 'media_type_unsupported' })
  const form = parseForm(request.body)
  if (!form.ok) return form
  const token = form.value.get('token')
  if (token === undefined) return refuse({ reason: 'parameter_missing', name: 'token' })
  return ok({ form: form.value, token })
}

async function revoke(
  token: string,
  { client, spend }: AuthenticatedClient,
  audit: AuditContext,
  deps: RevokeEndpointDeps,
): Promise<HttpReply | 'spent'> {
  const refresh = deps.refreshTokens.read(token)
  if (refresh !== undefined) {
    const family = await deps.store.refreshTokens.find(refresh.sid)
    if (family?.clientId !== client.id) return spendAlone(spend, replyNothing(200), deps)
    const outcome = await deps.store.refreshTokens.end(refresh.sid, 'revoked', audit, { spend })
    return outcome === 'spent' ? outcome : takenBack(deps)
  }
  const access = await deps.reader.readToken(token, deps.now())
  if (!access.ok) {
    deps.onUnreadToken('revocation', access.refusal.reason)
    const isForeign = isEnvelope(token) && !deps.reader.envelopes.knows(token)
    return spendAlone(spend, isForeign ? replyError(unsupported) : replyNothing(200), deps)
  }
  if (access.value.prepared.clientId !== client.id)
    return spendAlone(spend, replyNothing(200), deps)
  const { jti, cid, sid, expiresAt } = access.value.prepared
  const target = { kind: 'token', jti } as const
  const until = (expiresAt + leewaySecondsMax) as EpochSeconds
  // Counted against the client that asks: an exchanged token has the `cid` of somebody else, whose version must stay.
  const owner = { cid: client.internalId, sid: cid === client.internalId ? sid : undefined }
  const entry = await deps.store.revocations.add(target, until, audit, owner, { spend })
  return entry === 'spent' ? entry : takenBack(deps)
}

async function takenBack({ catchUp }: RevokeEndpointDeps): Promise<HttpReply> {
  await catchUp()
  return replyNothing(200)
}

/** Where nothing is taken back, the ids of the proof are all there is to write. */
async function spendAlone(
  spend: readonly SpentId[],
  reply: HttpReply,
  { store }: RevokeEndpointDeps,
): Promise<HttpReply | 'spent'> {
  if (spend.length === 0) return reply
  return (await store.spent.spend(spend)) === 'spent' ? 'spent' : reply
}

const unsupported = {
  status: 400,
  error: 'unsupported_token_type',
  description: 'An encrypted access token cannot be opened here; revoke its refresh token.',
} as const

function contextOf(
  { requestId, address }: HttpRequest,
  { client }: AuthenticatedClient,
): AuditContext {
  return { requestId, address, actor: `client:${client.id}` }
}
