import { ok, refuse } from '@countersign/jwt'
import {
  parseAuthorizationRequest,
  parseResponseMode,
  parseState,
  parseTarget,
} from '../authorization/authorization-request.ts'
import type { PageRefusal } from '../authorization/authorization-refusals.ts'
import { identityClaimNames } from '../tokens/identity-claims.ts'
import { matchRedirectUri } from '../authorization/redirect-uri.ts'
import { parseForm, type Form } from '../grants/form.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { AppProblemState } from '../pages/app-pages.ts'
import { idTokenAlgs } from '../tokens/id-token.ts'
import { answerWithRefusal, appPlace } from './authorization-answer.ts'
import { goOnWith, type KeptRequest } from './authorization-steps.ts'
import { defineEndpoint } from './endpoint.ts'
import { isForm } from './oauth-reply.ts'
import type { OpenidServices } from './openid-services.ts'
import { pageAnswers } from './page-answers.ts'
import { servicesOf } from './services-of.ts'
import { openidOf, showProblem, type AuthorizeServices } from './app-problem-reply.ts'
import { languageOf, readVisitor } from './visitor.ts'

const parameters = [
  { name: 'response_type', about: 'Must be code.', isRequired: true, values: ['code'] },
  { name: 'client_id', about: 'The app.', isRequired: true },
  { name: 'redirect_uri', about: 'A registered redirect URI, letter by letter.', isRequired: true },
  { name: 'scope', about: 'The scopes. Those that cannot be given are left out.' },
  { name: 'resource', about: 'The API that the access token is for (RFC 8707).' },
  { name: 'state', about: 'Comes back with the answer.' },
  { name: 'code_challenge', about: 'The SHA-256 of the verifier, base64url (PKCE).' },
  { name: 'code_challenge_method', about: 'Must be S256.', values: ['S256'] },
  { name: 'nonce', about: 'Comes back in the id token.' },
  { name: 'response_mode', about: 'The way of the answer.', values: ['query', 'form_post'] },
  { name: 'prompt', about: 'none, login, consent or select_account.' },
  { name: 'max_age', about: 'The greatest age of the sign-in, in seconds.', type: 'integer' },
  { name: 'acr_values', about: 'The wished levels: 1 or 2.' },
  { name: 'claims', about: 'The wished claims, as JSON.' },
  { name: 'id_token_hint', about: 'An id token of the user who is meant.' },
  { name: 'login_hint', about: 'The name or address of the user who is meant.' },
  { name: 'ui_locales', about: 'The languages of the pages.' },
  { name: 'display', about: 'Is ignored: the pages fit into every window.' },
  { name: 'claims_locales', about: 'Is ignored.' },
  { name: 'dpop_jkt', about: 'The key that the code is bound to (RFC 9449).' },
] as const

const answers = [
  { status: 303, about: 'The answer at the redirect URI, or a page.', headers: ['Location'] },
  ...pageAnswers([
    [200, 'The form that sends the answer (form_post).'],
    [400, 'The app or its redirect URI is not known here.'],
  ]),
]

/**
 * Begins a sign-in to an app. With a session and a known consent it answers at once.
 * Source: OAuth 2.1 §4.1.1; OpenID Connect Core 1.0 §3.1.2.1.
 */
export const authorizeEndpoint = defineEndpoint({
  method: 'GET',
  path: '/oauth2/authorize',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Signs a user in to an app, and gives the app a code.',
    parameters: parameters.map((field) => ({ ...field, in: 'query' as const })),
    answers,
  },
  metadata: {
    member: 'authorization_endpoint',
    more: {
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'form_post'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: idTokenAlgs,
      acr_values_supported: ['1', '2'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      claim_types_supported: ['normal'],
      display_values_supported: ['page'],
      claims_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      ui_locales_supported: ['en', 'de'],
      claims_supported: ['sub', 'auth_time', 'acr', 'amr', 'sid', ...identityClaimNames],
    },
  },
  make: (services: AuthorizeServices) => (request) =>
    startAuthorization(Buffer.from(request.query, 'latin1'), request, services),
})

/** Units: bytes. A longer request would not fit into the address that it becomes. */
const formBytesMax = 6_000

/**
 * Takes an authorization request as a form, and sends the browser to the same request as an address.
 * Why: a form of another site comes without the cookies of the browser, and the address comes with them.
 */
export const authorizeFormEndpoint = defineEndpoint({
  method: 'POST',
  path: '/oauth2/authorize',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'The same by a form.',
    body: { mediaType: 'application/x-www-form-urlencoded', kinds: [{ fields: [...parameters] }] },
    answers,
  },
  make: (services: AuthorizeServices) => (request) => {
    const { body } = request
    if (!isForm(request) || body.length > formBytesMax || !parseForm(body).ok)
      return showProblem({ problem: 'malformed' }, request, services)
    const query = Buffer.from(body).toString('latin1')
    const headers = { location: `${authorizeEndpoint.path}?${query}`, 'cache-control': 'no-store' }
    return { status: 303, headers, body: '' }
  },
})

async function startAuthorization(
  query: Uint8Array,
  request: HttpRequest,
  services: AuthorizeServices,
): Promise<HttpReply> {
  const openid = openidOf(services)
  const browser = servicesOf(services)
  const form = parseForm(query)
  if (!form.ok) return showProblem({ problem: 'malformed' }, request, services)
  const target = await findTarget(form.value, openid)
  if (!target.ok) return showProblem(problemOf(target.refusal), request, services)
  const { client, signIn, redirectUri } = target.value
  const lang = languageOf(request, firstLocale(form.value))
  const way = {
    redirectUri,
    app: appPlace(client, redirectUri),
    state: parseState(form.value),
    responseMode: parseResponseMode(form.value),
    issuer: services.issuer,
    lang,
  }
  const parsed = parseAuthorizationRequest(
    form.value,
    { clientId: client.id, redirectUri },
    signIn.pkce,
  )
  if (!parsed.ok) return answerWithRefusal(way, parsed.refusal, browser)
  const { idTokenHint, ...rest } = parsed.value
  const hint = idTokenHint === undefined ? null : await openid.readHint(idTokenHint)
  if (hint === undefined)
    return answerWithRefusal(way, { reason: 'parameter_malformed', name: 'id_token_hint' }, browser)
  const kept: KeptRequest = {
    request: { ...rest, idTokenHint: undefined },
    hinted: hint?.subject ?? null,
  }
  await openid.prepareKey(signIn.idTokenAlg)
  const visitor = await readVisitor(request, browser)
  const now = services.now()
  const open = { kept, client, signIn, visitor, startedAt: now, now, lang }
  return goOnWith({ ...open, flow: undefined, isAgreed: false }, request, services)
}

/** Proves the client and the redirect URI. Nothing is sent anywhere before. */
async function findTarget(form: Form, openid: OpenidServices) {
  const target = parseTarget(form)
  if (!target.ok) return target
  const { clientId, redirectUri } = target.value
  const client = await openid.client(clientId)
  const signIn = client?.signIn
  if (client === undefined || signIn === undefined || !client.enabled)
    return refuse({ reason: 'client_unknown' } as const)
  return matchRedirectUri(signIn.redirectUris, redirectUri) === undefined
    ? refuse({ reason: 'redirect_uri_not_registered' } as const)
    : ok({ client, signIn, redirectUri })
}

function problemOf({ reason }: PageRefusal): Pick<AppProblemState, 'problem'> {
  switch (reason) {
    case 'client_unknown':
      return { problem: 'unknown' }
    case 'redirect_uri_missing':
    case 'redirect_uri_not_registered':
      return { problem: 'redirect' }
    case 'client_missing':
      return { problem: 'malformed' }
  }
}

/** The first language of `ui_locales`, without its region. */
function firstLocale(form: Form): string | undefined {
  return form.get('ui_locales')?.split(' ', 1)[0]?.split('-', 1)[0]
}
