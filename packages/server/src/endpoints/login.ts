import { isJsonObject, ok, parseStrictJson, type JsonObject } from '@countersign/jwt'
import type { AuthenticatedClient } from '../clients/method.ts'
import type { TokenGranted } from '../grants/grant.ts'
import { presentSecret } from '../clients/by-secret.ts'
import { clientIdField } from '../clients/method.ts'
import type { ClientRefusal } from '../clients/refusals.ts'
import type { Form } from '../grants/form.ts'
import { loginGrant } from '../grants/login.ts'
import { listRefusals, renderRefusal, type TokenRefusal } from '../grants/refusals.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { faultFacts } from '../http/log.ts'
import { isRepeated } from '../http/repeated.ts'
import { isStoreFault } from '../store/port/fault.ts'
import { defineEndpoint } from './endpoint.ts'
import { replyFresh } from './oauth-reply.ts'
import {
  accessFields,
  answerJson,
  answersOf,
  described,
  refusal,
  tokenMembers,
  type Answer,
} from './reference.ts'
import type { Services } from './services.ts'
import {
  codeAnswers,
  codeFields,
  renderCodeRefusal,
  renderFactorWanted,
} from './login-code-reply.ts'
import { signUserIn } from './user-login.ts'
import { contextOf, type Attempt } from './with-client.ts'
import { type MaybePromise, after } from '../maybe-promise.ts'

type LoginServices = Pick<
  Services,
  | 'withSecret'
  | 'grants'
  | 'noteRefusal'
  | 'forgetClient'
  | 'log'
  | 'now'
  | 'userLogin'
  | 'collector'
  | 'mail'
>

/**
 * Serves the login route of the original contract: it takes JSON and gives a token, with the rules of the token endpoint.
 * Why: every malformed request gets the same 400, and an unknown id gets the same answer as a wrong secret.
 */
export const loginEndpoint = defineEndpoint({
  method: 'POST',
  path: '/login',
  reference: {
    summary: 'Gives a token to a client or to a user. The setting loginClientId allows users.',
    body: {
      mediaType: 'application/json',
      kinds: [
        {
          name: 'client',
          fields: [
            clientIdField,
            { name: 'client_secret', about: 'The secret of the client.', isRequired: true },
            ...accessFields,
          ],
        },
        {
          name: 'user',
          fields: [
            { name: 'username', about: 'A name or a mail address of the user.', isRequired: true },
            { name: 'password', about: 'The password of the user.', isRequired: true },
            ...accessFields,
          ],
        },
        { name: 'second factor', fields: [...codeFields, ...accessFields] },
      ],
    },
    answers: [answerJson('The token.', tokenMembers), ...loginRefusals()],
  },
  make: (services: LoginServices) => (request) => {
    if (!isJson(request)) return unsupported
    const members = parseMembers(request.body)
    const form = members && readForm(members)
    if (members === undefined || form === undefined) return missing
    if (userMembers.some((name) => members[name] !== undefined))
      return answerUser(request, members, form, services)
    const login = parseLogin(members, form)
    if (login === undefined) return missing
    // No client has such an id or secret, so it is not hashed and not counted as a guess.
    if (!presentSecret(login.clientId, login.secret).ok) return wrong
    return answer(request, login, services, 'first')
  },
})

/** The members that only the login of a user has. */
const userMembers = ['username', 'password', 'ticket'] as const

/** The answers to refused logins, for the reference. */
function loginRefusals(): readonly Answer[] {
  const decided = listRefusals([
    'grant_not_allowed',
    'resource_repeated',
    'resource_not_allowed',
    'scope_not_allowed',
    'token_too_large',
    'proof_missing',
    'client_changed',
    'encryption_key_unavailable',
    'clock_behind',
  ])
  return [
    refusal(
      400,
      'Missing credentials',
      'The body is no JSON object with an id and a secret, or a name and a password.',
    ),
    {
      ...refusal(401, 'Wrong credentials', 'The id or name is unknown, or the secret is wrong.'),
      headers: [],
    },
    ...codeAnswers,
    ...answersOf(decided.map((row) => (row.status === 503 ? row : { ...row, status: 403 }))),
    refusal(403, 'cross_site', 'A page of another origin sends the password of a user.'),
    refusal(403, 'password_change_required', 'The user must choose another password first.'),
    refusal(415, 'unsupported_media_type', 'The content type is not that of JSON.', [described]),
    refusal(429, 'Too many attempts', 'The client or the address failed too often.'),
    refusal(500, 'Token creation error', 'The signer failed.'),
    refusal(503, 'Busy', 'Too many secrets are being checked.'),
  ]
}

interface Login {
  readonly clientId: string
  readonly secret: string
  /** The wanted access, in the form of a grant request. */
  readonly form: Form
}

/** Whether the content type begins with the type of JSON. Why not equal: the command of the tutorial sends `application/json/`. */
function isJson({ headers, rawHeaders }: HttpRequest): boolean {
  const type = headers['content-type'] ?? ''
  return (
    type.toLowerCase().startsWith('application/json') && !isRepeated(rawHeaders, 'content-type')
  )
}

/** The limits of the strict JSON of a login, which is a flat object of a few members. */
const bodyLimits = { depthMax: 4, membersMax: 16 } as const

function parseMembers(body: Uint8Array): JsonObject | undefined {
  const parsed = parseStrictJson(body, bodyLimits)
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : undefined
}

function parseLogin(members: JsonObject, form: Form): Login | undefined {
  const { client_id: clientId, client_secret: secret } = members
  if (!isText(clientId) || !isText(secret) || clientId === '' || secret === '') return undefined
  return { clientId, secret, form }
}

/** Reads the wanted access, in the form of a grant request. */
function readForm({ scope, resource, audience }: JsonObject): Form | undefined {
  if (!isOptionalText(scope) || !isOptionalText(resource) || !isOptionalText(audience))
    return undefined
  // Both names mean the same API.
  const resources = [resource, audience].filter(isText)
  const get = (name: string) => (name === 'scope' ? scope : undefined)
  return { get, resources, audiences: [] }
}

/** Answers the login of a user. A failing signer gets the answer of this route. */
async function answerUser(
  request: HttpRequest,
  members: JsonObject,
  form: Form,
  services: LoginServices,
): Promise<HttpReply> {
  try {
    const outcome = await signUserIn(request, members, form, services)
    switch (outcome.kind) {
      case 'granted':
        return render(outcome.granted)
      case 'refused':
        return renderRefused(outcome.refusal)
      case 'malformed':
        return missing
      case 'wrong':
        return wrong
      case 'foreign':
        return foreign
      case 'off':
        return renderRefused({ reason: 'grant_not_allowed' })
      case 'must_change':
        return mustChange
      case 'factor_wanted':
        return renderFactorWanted(outcome)
      case 'code_refused':
        return renderCodeRefusal(outcome.refusal)
      case 'limited':
        return replyFresh(429, { error: 'Too many attempts' }, retryAfter(outcome))
      case 'busy':
        return replyFresh(503, { error: 'Busy' }, retryAfter(outcome))
    }
  } catch (fault) {
    return failedToIssue(fault, request, services)
  }
}

/** Answers a failing signer. Throws: a store fault, because the edge answers it. */
function failedToIssue(
  fault: unknown,
  request: HttpRequest,
  services: Pick<LoginServices, 'log'>,
): HttpReply {
  if (isStoreFault(fault)) throw fault
  const facts = { requestId: request.requestId, ...faultFacts(fault) }
  services.log.error(facts, 'no token could be made')
  return tokenFailed
}

function answer(
  request: HttpRequest,
  login: Login,
  services: LoginServices,
  attempt: Attempt,
): MaybePromise<HttpReply> {
  const proven = services.withSecret(login.clientId, login.secret, request.address)
  return after(proven, (authenticated) => {
    if (!authenticated.ok) {
      services.noteRefusal(authenticated.refusal, request)
      return renderUnproven(authenticated.refusal.refusal)
    }
    const { value } = authenticated
    return after(issue(request, login, value, attempt, services), (outcome) => {
      if ('status' in outcome) return outcome
      if (outcome.ok) return render(outcome.value)
      if (outcome.refusal.reason === 'client_changed' && attempt === 'first') {
        services.forgetClient(login.clientId)
        return answer(request, login, services, 'second')
      }
      return renderRefused(outcome.refusal)
    })
  })
}

type Issued =
  ReturnType<typeof loginGrant.run> extends MaybePromise<infer Outcome> ? Outcome : never

/** Runs the grant. A failing signer gets an answer of this route; a store fault is thrown, for the edge answers it. */
function issue(
  request: HttpRequest,
  { form }: Login,
  { client, spend }: AuthenticatedClient,
  attempt: Attempt,
  services: LoginServices,
): MaybePromise<Issued | HttpReply> {
  const failed = (fault: unknown): HttpReply => failedToIssue(fault, request, services)
  try {
    const issued = loginGrant.run(
      {
        form,
        client,
        spend,
        prove: () => noKey,
        mayRepeat: attempt === 'first',
        audit: contextOf(request, client.id),
        now: services.now(),
      },
      services.grants,
    )
    return issued instanceof Promise ? issued.catch(failed) : issued
  } catch (fault) {
    return failed(fault)
  }
}

function render({ accessToken, tokenType, expiresInSeconds, scopes, refreshToken }: TokenGranted) {
  return replyFresh(200, {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresInSeconds,
    ...(scopes.length === 0 ? undefined : { scope: scopes.join(' ') }),
    ...(refreshToken === undefined ? undefined : { refresh_token: refreshToken }),
  })
}

function renderUnproven(refusal: ClientRefusal): HttpReply {
  switch (refusal.reason) {
    case 'too_many_guesses':
      return replyFresh(429, { error: 'Too many attempts' }, retryAfter(refusal))
    case 'hashing_busy':
      return replyFresh(503, { error: 'Busy' }, retryAfter(refusal))
    case 'credentials_missing':
    case 'credentials_malformed':
    case 'methods_mixed':
    case 'client_unknown':
    case 'method_not_allowed':
    case 'secret_wrong':
    case 'client_disabled':
    case 'assertion_invalid':
      return wrong
  }
}

function retryAfter({ retryAfterSeconds }: { readonly retryAfterSeconds: number }) {
  return { 'retry-after': String(retryAfterSeconds) }
}

/** Renders the refusal of an authenticated client. A malformed scope gets the 400 of malformed requests. */
function renderRefused(refusal: TokenRefusal): HttpReply {
  if (refusal.reason === 'scope_malformed') return missing
  const { status, error, description } = renderRefusal(refusal)
  const body = { error, error_description: description }
  // A 503 is temporary, so it is not a 403.
  return status === 503 ? replyFresh(503, body, { 'retry-after': '1' }) : replyFresh(403, body)
}

const noKey = ok(undefined)
const missing = replyFresh(400, { error: 'Missing credentials' })
const wrong = replyFresh(401, { error: 'Wrong credentials' })
const foreign = replyFresh(403, { error: 'cross_site' })
const mustChange = replyFresh(403, { error: 'password_change_required' })
const tokenFailed = replyFresh(500, { error: 'Token creation error' })
const unsupported = replyFresh(415, {
  error: 'unsupported_media_type',
  error_description: 'Send the header Content-Type: application/json.',
})

const isText = (value: unknown): value is string => typeof value === 'string'
const isOptionalText = (value: unknown): value is string | undefined =>
  value === undefined || isText(value)
