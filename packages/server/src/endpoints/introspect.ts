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
 * The introspection endpoint, for the client that acts for the token's resource; everybody else hears `inactive`.
 * Why: an answer about a token of another API would tell what its holder may do there.
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

/** Makes the answer about a token; the text of a token that is asked about again is kept. */
function createDescriber(services: IntrospectServices) {
  const bodies = new WeakMap<OwnToken, string>()

  function describeToken(read: Awaited<ReturnType<ReadOwnToken>>, client: ClientRecord): string {
    if (!read.ok) {
      services.onUnreadToken('introspection', read.refusal.reason)
      return inactive
    }
    const { prepared, isRemembered } = read.value
    if (services.resource(prepared.audience)?.clientId !== client.id) return inactive
    if (!isRemembered) return render(prepared, services.issuer)
    let body = bodies.get(prepared)
    if (body === undefined) {
      body = render(prepared, services.issuer)
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
