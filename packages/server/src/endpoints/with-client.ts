import type { Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuthenticatedClient } from '../clients/method.ts'
import { parseForm, type Form } from '../grants/form.ts'
import { renderRefusal, type TokenRefusal } from '../grants/refusals.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'
import type { ServedClients } from './endpoint.ts'
import { isForm, replyError } from './oauth-reply.ts'
import type { Services } from './services.ts'

/** The services that every endpoint for clients needs. */
export type ClientServices = Pick<Services, 'authenticate' | 'turnAway' | 'forgetClient'>

/** The parts that each endpoint for clients has of its own. */
export interface ClientAct<Parsed> {
  readonly clients: ServedClients
  /** Pure. */
  readonly parse: (form: Form) => Result<Parsed, TokenRefusal>
  readonly act: (
    parsed: Parsed,
    authenticated: AuthenticatedClient,
    attempt: Attempt,
  ) => MaybePromise<ClientOutcome>
}

/** The number of an attempt: a request of a client that changed a moment ago is tried again, once. */
export type Attempt = 'first' | 'second'

/**
 * The answer of an endpoint. `spent`: the proof of the client was used before. `client_changed`: the first attempt used an
 * old record of the client.
 */
export type ClientOutcome = HttpReply | 'spent' | 'client_changed'

/**
 * Serves a form request of a client: reads the form, authenticates the client, and calls `act`.
 * Refuses: a malformed form, a client that is not authenticated, and a public client where clients must authenticate.
 * Source: RFC 6749 §2.3, §3.2 and §5.2.
 */
export function withClient<Parsed>(
  request: HttpRequest,
  { clients, parse, act }: ClientAct<Parsed>,
  { authenticate, turnAway, forgetClient }: ClientServices,
): MaybePromise<HttpReply> {
  if (!isForm(request)) return replyError(renderRefusal({ reason: 'media_type_unsupported' }))
  const read = parseForm(request.body)
  if (!read.ok) return replyError(renderRefusal(read.refusal))
  const { value: form } = read
  const parsed = parse(form)
  if (!parsed.ok) return replyError(renderRefusal(parsed.refusal))
  const { value: wanted } = parsed

  function serve(attempt: Attempt): MaybePromise<HttpReply> {
    return after(authenticate(request, form), (authenticated) => {
      if (!authenticated.ok) return authenticated.refusal
      const { client } = authenticated.value
      if (clients === 'proving' && client.authentication === 'none')
        return turnAway(request, client, 'method_not_allowed')
      return after(act(wanted, authenticated.value, attempt), (outcome) => {
        if (outcome === 'spent') return turnAway(request, client, 'client_assertion_replayed')
        if (outcome !== 'client_changed') return outcome
        forgetClient(client.id)
        return serve('second')
      })
    })
  }
  return serve('first')
}

/** Gives the audit context for a request of a client. */
export function contextOf({ requestId, address }: HttpRequest, clientId: string): AuditContext {
  return { requestId, address, actor: `client:${clientId}` }
}
