import type { Admission } from '@countersign/guard'
import { parseForm } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { replyJson } from '../http/reply.ts'
import type { UserId } from '../store/port/user-records.ts'
import { claimNamesOf, identityClaims } from '../tokens/identity-claims.ts'
import { idTokenAlgs } from '../tokens/id-token.ts'
import { defineEndpoint } from './endpoint.ts'
import { guarded, guardHere } from './guarded.ts'
import { isForm } from './oauth-reply.ts'
import { openidOf } from './app-problem-reply.ts'
import { answerJson, described, refusal, type EndpointReference } from './reference.ts'
import type { Services } from './services.ts'

type UserinfoServices = Pick<Services, 'guardOf' | 'openid' | 'noteRequest'>

const reference: EndpointReference = {
  summary: 'Tells an app about the user of its access token.',
  authentication: 'token',
  answers: [
    {
      ...answerJson('The claims that the scopes of the token give.', [
        { name: 'sub', about: 'The user.', isRequired: true },
      ]),
      hasMoreFields: true,
    },
    {
      status: 200,
      about: 'The same as a JWT, for a client with userinfoSignedAlg.',
      mediaType: 'application/jwt',
    },
    {
      ...refusal(401, 'invalid_token', 'The access token is missing, not valid or revoked.', [
        described,
      ]),
      headers: ['WWW-Authenticate'],
    },
    {
      ...refusal(403, 'insufficient_scope', 'The access token lacks the scope openid.', [
        described,
      ]),
      headers: ['WWW-Authenticate'],
    },
  ],
}

/** Tells an app about its user. Source: OpenID Connect Core 1.0 §5.3. */
export const userinfoEndpoint = defineEndpoint({
  method: 'GET',
  path: '/oauth2/userinfo',
  needsBrowsers: true,
  cors: 'listed',
  reference,
  metadata: {
    member: 'userinfo_endpoint',
    more: { userinfo_signing_alg_values_supported: idTokenAlgs },
  },
  make: createUserinfo,
})

/** The same by POST. The token may be in the body. Source: RFC 6750 §2.2. */
export const userinfoFormEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/userinfo',
  needsBrowsers: true,
  cors: 'listed',
  reference: {
    ...reference,
    summary: 'The same by POST, with the access token in the header or in the form.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [{ fields: [{ name: 'access_token', about: 'The access token.' }] }],
    },
  },
  make: (services: UserinfoServices) => {
    const answer = createUserinfo(services)
    return (request) => answer(withTokenOfForm(request))
  },
})

function createUserinfo(services: UserinfoServices) {
  const { guardOf, noteRequest } = services
  const guard = guardHere(guardOf(openidOf(services).userinfo))
  return guarded(
    guard,
    { scope: 'openid' },
    (caller) => describeUser(caller, services),
    noteRequest,
  )
}

/** Puts the token of a form into the header, where the guard reads it. A request with both keeps both out. */
function withTokenOfForm(request: HttpRequest): HttpRequest {
  if (!isForm(request) || request.headers.authorization !== undefined) return request
  const form = parseForm(request.body)
  const token = form.ok ? form.value.get('access_token') : undefined
  if (token === undefined) return request
  const authorization = `Bearer ${token}`
  const { header: _, ...rest } = request
  return {
    ...rest,
    headers: { ...request.headers, authorization },
    rawHeaders: [...request.rawHeaders, 'authorization', authorization],
  }
}

async function describeUser(
  { subject, scopes, claims }: Admission,
  services: UserinfoServices,
): Promise<HttpReply> {
  const openid = openidOf(services)
  const { users, authorizations } = openid.store
  const sid = claims['sid']
  const user = await users.find(subject as UserId)
  const session = typeof sid === 'string' ? await authorizations.findClientSession(sid) : undefined
  // The token died a moment ago, and the guard has not heard of it.
  if (user?.status !== 'active' || session === undefined)
    return replyJson(
      401,
      { error: 'invalid_token' },
      { 'www-authenticate': 'Bearer error="invalid_token"' },
    )
  const names = claimNamesOf([...scopes], session.userinfoClaims)
  const told = { ...identityClaims(user, names), sub: subject }
  const client = await openid.client(session.clientId)
  const { userinfoSignedAlg: alg = 'plain' } = client?.signIn ?? {}
  if (alg === 'plain') return replyJson(200, told, { 'cache-control': 'no-store' })
  const body = await openid.signUserinfo(alg, session.clientId, told)
  const headers = { 'content-type': 'application/jwt', 'cache-control': 'no-store' }
  return { status: 200, headers, body }
}
