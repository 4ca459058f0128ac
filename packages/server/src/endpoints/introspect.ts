import type { AuthenticatedClient } from '../clients/method.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { ReadOwnToken } from '../tokens/own-reader.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import { defineEndpoint } from './endpoint.ts'
import { replyFresh } from './oauth-reply.ts'
import { parseTokenForm } from './revoke.ts'
import type { Services } from './services.ts'
import { withClient, type ClientOutcome, type ClientServices } from './with-client.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

const clients = 'proving'

/**
 * Answers introspection for the client that acts for the resource of the token. Every other client gets `active: false`.
 * Why: an answer about a token of another API would reveal what its holder may do there.
 * Source: RFC 7662 §2; the signed form RFC 9701 §5.
 */
export const introspectEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/introspect',
  metadata: {
    member: 'introspection_endpoint',
    clients,
    more: { introspection_signing_alg_values_supported: ['ES256'] },
  },
  make: (services: IntrospectServices) => {
    const describe = createDescriber(services)

    function answer(
      request: HttpRequest,
      token: string,
      { client, spend }: AuthenticatedClient,
    ): MaybePromise<ClientOutcome> {
      if (spend.length === 0) return describe(request, token, client)
      return services.store.spent
        .spend(spend)
        .then((outcome) => (outcome === 'fresh' ? describe(request, token, client) : 'spent'))
    }

    return (request) =>
      withClient(
        request,
        {
          clients,
          parse: parseTokenForm,
          act: (token, authenticated) => answer(request, token, authenticated),
        },
        services,
      )
  },
})

type IntrospectServices = ClientServices &
  Pick<Services, 'issuer' | 'now' | 'onUnreadToken' | 'reader' | 'resource' | 'sign' | 'store'>

/** Makes the function that answers about a token. It keeps the text of a token that is asked about again. */
function createDescriber(services: IntrospectServices) {
  const bodies = new WeakMap<OwnToken, string>()

  function describeToken(read: Awaited<ReturnType<ReadOwnToken>>, client: ClientRecord): string {
    if (!read.ok) {
      services.onUnreadToken('introspection', read.refusal.reason)
      return inactive
    }
    const { prepared, isRemembered } = read.value
    if (services.resource(prepared.audience)?.clientId !== client.id) return inactive
    if (!isRemembered) return renderToken(prepared, services.issuer)
    let body = bodies.get(prepared)
    if (body === undefined) {
      body = renderToken(prepared, services.issuer)
      bodies.set(prepared, body)
    }
    return body
  }

  function reply(
    request: HttpRequest,
    token: string,
    client: ClientRecord,
  ): MaybePromise<HttpReply> {
    return after(services.reader.readToken(token, services.now()), (read) =>
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
      iss: services.issuer,
      aud: client.id,
      iat: Math.floor(services.now()),
      token_introspection: JSON.parse(body) as object,
    }
    return after(services.sign(claims, 'token-introspection+jwt'), (signed) => ({
      status: 200,
      headers: signedHeaders,
      body: signed,
    }))
  }

  return reply
}

const inactive = '{"active":false}'
const { headers: plainHeaders } = replyFresh(200, {})
const signedType = 'application/token-introspection+jwt'
const signedHeaders = { ...plainHeaders, 'content-type': signedType }

/** Whether the request asks for the signed form. Not checked: weights; the media type alone selects it. */
function wantsSigned(accept: string | undefined): boolean {
  return accept !== undefined && accept.toLowerCase().includes(signedType)
}

/** Writes the answer as text. Why: it takes a third of the time of `JSON.stringify`. `text` quotes and escapes. */
function renderToken(token: OwnToken, issuer: string): string {
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
