import type { EpochSeconds } from '@countersign/jwt'
import { renderRefusal } from '../grants/refusals.ts'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import type { ReadOwnToken } from '../tokens/own-reader.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import type { AuthenticateClient, TurnAway } from './client-authentication.ts'
import { replyError, replyFresh } from './oauth-reply.ts'
import { parseTokenForm, type NoteUnreadToken } from './revoke.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

export interface IntrospectEndpointDeps {
  readonly authenticate: AuthenticateClient
  readonly turnAway: TurnAway
  readonly store: Pick<Store, 'spent'>
  readonly resource: (audience: string) => ResourceRecord | undefined
  readonly readToken: ReadOwnToken
  readonly onUnreadToken: NoteUnreadToken
  readonly issuer: string
  readonly now: () => EpochSeconds
  /** Signs with the active token key under the `typ` of a signed introspection answer. */
  readonly sign: (claims: object, typ: string) => MaybePromise<string>
}

/**
 * The introspection endpoint, for the client that acts for the token's resource; everybody else hears `inactive`.
 * Why: an answer about a token of another API would tell what its holder may do there.
 * Source: RFC 7662 §2; the signed form RFC 9701 §5.
 */
export function introspectEndpoint(deps: IntrospectEndpointDeps): Endpoint {
  const bodies = new WeakMap<OwnToken, string>()

  function describeToken(read: Awaited<ReturnType<ReadOwnToken>>, client: ClientRecord): string {
    if (!read.ok) {
      deps.onUnreadToken('introspection', read.refusal.reason)
      return inactive
    }
    const { prepared, isRemembered } = read.value
    if (deps.resource(prepared.audience)?.clientId !== client.id) return inactive
    if (!isRemembered) return render(prepared, deps.issuer)
    let body = bodies.get(prepared)
    if (body === undefined) {
      body = render(prepared, deps.issuer)
      bodies.set(prepared, body)
    }
    return body
  }

  function reply(
    request: HttpRequest,
    token: string,
    client: ClientRecord,
  ): MaybePromise<HttpReply> {
    return after(deps.readToken(token, deps.now()), (read) =>
      replyWith(request, describeToken(read, client), client),
    )
  }

  function replyWith(
    request: HttpRequest,
    body: string,
    client: ClientRecord,
  ): MaybePromise<HttpReply> {
    if (!wantsSigned(request.headers.accept)) return { status: 200, headers: plainHeaders, body }
    const claims = {
      iss: deps.issuer,
      aud: client.id,
      iat: Math.floor(deps.now()),
      token_introspection: JSON.parse(body) as object,
    }
    return after(deps.sign(claims, 'token-introspection+jwt'), (signed) => ({
      status: 200,
      headers: signedHeaders,
      body: signed,
    }))
  }

  return {
    method: 'POST',
    path: '/oauth2/introspect',
    handle: (request) => {
      const parsed = parseTokenForm(request)
      if (!parsed.ok) return replyError(renderRefusal(parsed.refusal))
      const { form, token } = parsed.value
      return after(deps.authenticate(request, form), (authenticated) => {
        if (!authenticated.ok) return authenticated.refusal
        const { client, spend } = authenticated.value
        if (client.authentication === 'none')
          return deps.turnAway(request, client, 'method_not_allowed')
        if (spend.length === 0) return reply(request, token, client)
        return deps.store.spent
          .spend(spend)
          .then((outcome) =>
            outcome === 'fresh'
              ? reply(request, token, client)
              : deps.turnAway(request, client, 'client_assertion_replayed'),
          )
      })
    },
  }
}

const inactive = '{"active":false}'
const { headers: plainHeaders } = replyFresh(200, {})
const signedType = 'application/token-introspection+jwt'
const signedHeaders = { ...plainHeaders, 'content-type': signedType }

/** Whether the signed form is asked for; named plainly, since nobody weighs it against others. */
function wantsSigned(accept: string | undefined): boolean {
  return accept !== undefined && accept.toLowerCase().includes(signedType)
}

/** Writes the answer out, which takes a third of what a record of it would; `text` puts every text into quotes. */
function render(token: OwnToken, issuer: string): string {
  const { scopes, jkt, act, uv, sid } = token
  let body = `{"active":true,"iss":${text(issuer)},"sub":${text(token.subject)}`
  body += `,"aud":${text(token.audience)},"client_id":${text(token.clientId)}`
  body += `,"username":${text(token.username)},"token_type":"${jkt === undefined ? 'Bearer' : 'DPoP'}"`
  body += `,"iat":${token.issuedAt},"exp":${token.expiresAt},"jti":${text(token.jti)}`
  body += `,"cid":${text(token.cid)},"cv":${token.cv}`
  if (scopes.length > 0) body += `,"scope":${text(scopes.join(' '))}`
  if (jkt !== undefined) body += `,"cnf":{"jkt":${text(jkt)}}`
  if (sid !== undefined) body += `,"sid":${text(sid)}`
  if (uv !== undefined) body += `,"uv":${uv}`
  if (act !== undefined) body += `,"act":${JSON.stringify(act)}`
  return `${body}}`
}

const text = (value: string): string => JSON.stringify(value)
