import { ok, refuse, type Result } from '@countersign/jwt'
import type { AuditCollector } from '../audit/collector.ts'
import type { ClientAuthenticator } from '../clients/authenticate.ts'
import type { AuthenticatedClient, RefusedClient } from '../clients/method.ts'
import { renderClientRefusal, type ClientRefusal } from '../clients/refusals.ts'
import type { VerifiedClient } from '../clients/verified.ts'
import type { Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { replyError } from './oauth-reply.ts'
import type { NoteRequest } from '../http/request-facts.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

/** Authenticates the client of a form request. A refusal is the reply itself. */
export type AuthenticateClient = (
  request: HttpRequest,
  form: Form,
) => MaybePromise<Result<AuthenticatedClient, HttpReply>>

interface NotedRefusal {
  readonly reason: string
  readonly detail?: string
}

/** Audits the refusal of a known client. A refusal for an unknown name leaves no row. */
export type NoteRefusal = (
  refused: Omit<RefusedClient, 'refusal'> & { readonly refusal: NotedRefusal },
  request: HttpRequest,
) => void

/** Refuses a client that was authenticated, with the same reply as for one that was not. */
export type TurnAway = (
  request: HttpRequest,
  client: VerifiedClient,
  reason: 'client_assertion_replayed' | 'method_not_allowed',
) => HttpReply

/**
 * Makes the authentication of form requests, and the refusal for a client whose proof was used before or whose method is
 * not allowed at the endpoint.
 * Source: RFC 6749 §5.2 (a challenge answers a client that tried the header); RFC 7617 §2.1.
 */
export function createClientAuthentication(
  authenticator: ClientAuthenticator,
  note: NoteRefusal,
  noteRequest?: NoteRequest,
): { readonly authenticate: AuthenticateClient; readonly turnAway: TurnAway } {
  return {
    authenticate: (request, form) => {
      const { headers, rawHeaders, address } = request
      const outcome = authenticator.authenticate({
        headers,
        rawHeaders,
        address,
        parameter: form.get,
      })
      return after(outcome, (proven) => {
        if (proven.ok) {
          noteRequest?.(request.requestId, { client: proven.value.client.id })
          return ok(proven.value)
        }
        note(proven.refusal, request)
        return refuse(renderRefused(proven.refusal.refusal, request))
      })
    },
    turnAway: (request, { id }, reason) => {
      note({ refusal: { reason }, clientId: id, known: true }, request)
      return renderRefused({ reason: 'method_not_allowed' }, request)
    },
  }
}

function renderRefused(refusal: ClientRefusal, { headers }: HttpRequest): HttpReply {
  const wire = renderClientRefusal(refusal)
  const byHeader = headers.authorization !== undefined
  const challenge = byHeader && wire.status === 401 ? { 'www-authenticate': basicChallenge } : {}
  return replyError(wire, { ...challenge, ...retryAfter(wire) })
}

const basicChallenge = 'Basic realm="countersign", charset="UTF-8"'

function retryAfter(wire: { readonly retryAfterSeconds?: number }): Record<string, string> {
  return wire.retryAfterSeconds === undefined
    ? {}
    : { 'retry-after': String(wire.retryAfterSeconds) }
}

/** Writes refusals of known clients to the audit log. Equal ones within a minute become one event. */
export function noteRefusals(collector: Pick<AuditCollector, 'add'>): NoteRefusal {
  return ({ refusal, clientId, known }, { requestId, address }) => {
    if (!known || clientId === undefined) return
    collector.add({
      event: 'client_refused',
      clientId,
      reason:
        refusal.detail === undefined ? refusal.reason : `${refusal.reason}: ${refusal.detail}`,
      count: 1,
      requestId,
      address,
      actor: null,
    })
  }
}
