import type { AuthenticatedClient } from '../clients/method.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { Field } from '../http/field.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { ReadOwnToken } from '../tokens/own-reader.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import { defineEndpoint } from './endpoint.ts'
import { replyFresh } from './oauth-reply.ts'
import { answerJson, clientRefusals } from './reference.ts'
import { parseTokenForm, tokenBody } from './revoke.ts'
import type { Services } from './services.ts'
import { withClient, type ClientOutcome, type ClientServices } from './with-client.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

const clients = 'proving'
const signedType = 'application/token-introspection+jwt'

const introspectedMembers: readonly Field[] = [
  { name: 'active', about: 'Whether the token is active.', type: 'boolean', isRequired: true },
  { name: 'iss', about: 'The issuer.' },
  { name: 'sub', about: 'The user or client that the token speaks for.' },
  { name: 'aud', about: 'The resource.' },
  { name: 'client_id', about: 'The client that received the token.' },
  { name: 'username', about: 'The name of the user or client.' },
  { name: 'token_type', about: 'The type of the token.', values: ['Bearer', 'DPoP'] },
  { name: 'iat', about: 'The second of its issue.', type: 'integer' },
  { name: 'exp', about: 'The second of its expiry.', type: 'integer' },
  { name: 'jti', about: 'The id of the token.' },
  { name: 'cid', about: 'The internal id of the client.' },
  { name: 'cv', about: 'The version of the client.', type: 'integer' },
  { name: 'scope', about: 'The scopes.' },
  { name: 'cnf', about: 'The key that the token is bound to.', type: 'object' },
  { name: 'sid', about: 'The family of the token.' },
  { name: 'uv', about: 'The version of the user.', type: 'integer' },
  { name: 'act', about: 'The client that acts for the user or client.', type: 'object' },
  {
    name: 'roles',
    about: 'The roles. Other added claims follow under their names.',
    type: 'array',
  },
]

/**
 * Answers introspection for the client that acts for the resource of the token. Every other client gets `active: false`.
 * Why: an answer about a token of another API would reveal what its holder may do there.
 * Source: RFC 7662 §2; the signed form RFC 9701 §5.
 */
export const introspectEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/introspect',
  reference: {
    summary: 'Tells the client of a resource whether a token for it is active.',
    authentication: clients,
    parameters: [
      { in: 'header', name: 'Accept', about: `${signedType} asks for a signed answer (RFC 9701).` },
    ],
    body: tokenBody,
    answers: [
      answerJson('The token, or the word that it is not active here.', introspectedMembers),
      { status: 200, about: 'The same, signed.', mediaType: signedType },
      ...clientRefusals(),
    ],
  },
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
const signedHeaders = { ...plainHeaders, 'content-type': signedType }

/** Whether the request asks for the signed form. Not checked: weights; the media type alone selects it. */
function wantsSigned(accept: string | undefined): boolean {
  return accept !== undefined && accept.toLowerCase().includes(signedType)
}

/** Writes the answer as text. Why: it takes a third of the time of `JSON.stringify`. `text` quotes and escapes. */
function renderToken(token: OwnToken, issuer: string): string {
  const { scopes, jkt, act, uv, sid, added } = token
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
  if (added !== undefined)
    for (const [name, value] of Object.entries(added))
      if (!members.has(name)) body += `,${text(name)}:${JSON.stringify(value)}`
  return `${body}}`
}

/** Members of an answer that a claim of that name does not replace. Source: RFC 7662 §2.2. */
const members: ReadonlySet<string> = new Set(['active', 'token_type'])

const text = (value: string): string => JSON.stringify(value)
