import { hashCode } from '../grants/authorization-code.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { Language } from '../pages/language.ts'
import { matchRedirectUri } from '../authorization/redirect-uri.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { answerWithRefusal, appPlace } from './authorization-answer.ts'
import {
  consentBinding,
  goOnWith,
  type KeptRequest,
  type OpenRequest,
} from './authorization-steps.ts'
import { openidOf, showProblem, type AuthorizeServices } from './app-problem-reply.ts'
import { continuePath, isFlow } from './continue-address.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readPageForm, readVisitor, type Visitor } from './visitor.ts'

const flowField = { name: 'flow', about: 'The id of the request, bound to its browser.' } as const
const langField = {
  name: 'lang',
  about: 'The language of the page.',
  values: ['en', 'de'],
} as const

/** Goes on with an authorization request after its user signed in. */
export const continueEndpoint = defineEndpoint({
  method: 'GET',
  path: continuePath,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Goes on with a sign-in to an app: asks for consent, or answers the app.',
    parameters: [flowField, langField].map((field) => ({ ...field, in: 'query' as const })),
    answers: [
      { status: 303, about: 'The answer at the redirect URI, or a page.', headers: ['Location'] },
      ...pageAnswers([
        [200, 'The question for consent.'],
        [400, 'The request has ended.'],
      ]),
    ],
  },
  make: (services: AuthorizeServices) => async (request) => {
    const query = new URLSearchParams(request.query)
    const lang = languageOf(request, query.get('lang'))
    const visitor = await readVisitor(request, servicesOf(services))
    const open = await findOpen(query.get('flow') ?? undefined, visitor, lang, services)
    if (open === undefined) return showProblem({ problem: 'too_old' }, request, services, lang)
    return goOnWith(open, request, services)
  },
})

/**
 * Takes the answer of a user to the question for consent.
 * Why `prompt=login` does not ask again: the request remembers when it began.
 */
export const consentEndpoint = defineEndpoint({
  method: 'POST',
  path: continuePath,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Takes the answer of a user to the question for consent.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            {
              name: 'form',
              about: 'The value of the page, bound to session and request.',
              isRequired: true,
            },
            { ...flowField, isRequired: true },
            { name: 'answer', about: 'The answer.', isRequired: true, values: ['allow', 'cancel'] },
            langField,
          ],
        },
      ],
    },
    answers: [
      { status: 303, about: 'The answer at the redirect URI.', headers: ['Location'] },
      ...pageAnswers([
        [400, 'The request has ended, or the form is of another browser.'],
        [403, 'The form comes from another site.'],
      ]),
    ],
  },
  make: (services: AuthorizeServices) => async (request) => {
    const browser = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    if (!isFromOwnPage(request, browser.origin))
      return renderErrorPage(403, request, lang, services)
    const visitor = await readVisitor(request, browser)
    const flow = form.get('flow')
    const open = await findOpen(flow, visitor, lang, services)
    const sid = visitor.found?.record.family.sid
    if (open === undefined || flow === undefined)
      return showProblem({ problem: 'too_old' }, request, services, lang)
    // Signed out meanwhile, or another account: the request goes on from its present state.
    if (sid === undefined) return goOnWith(open, request, services)
    if (!browser.values.isFormValue(form.get('form'), 'consent', consentBinding(sid, flow)))
      return goOnWith(open, request, services)
    switch (form.get('answer')) {
      case 'allow':
        return goOnWith({ ...open, isAgreed: true }, request, services)
      case 'cancel':
        return cancel(open, flow, request, services)
      default:
        return renderErrorPage(400, request, lang, services)
    }
  },
})

/** Finds a waiting request of this browser whose client may still have it. */
async function findOpen(
  flow: string | undefined,
  visitor: Visitor,
  lang: Language,
  services: AuthorizeServices,
): Promise<OpenRequest | undefined> {
  const { store, client: clientOf } = openidOf(services)
  if (!isFlow(flow) || visitor.browser === undefined) return undefined
  const browserHash = servicesOf(services).values.browserHash(visitor.browser)
  const pending = await store.authorizations.findPending({ hash: hashCode(flow), browserHash })
  if (pending === undefined) return undefined
  const client = await clientOf(pending.clientId)
  const signIn = client?.signIn
  const kept: KeptRequest = JSON.parse(pending.request)
  if (client === undefined || signIn === undefined || !client.enabled) return undefined
  // The operator may have removed the redirect URI since.
  if (matchRedirectUri(signIn.redirectUris, kept.request.redirectUri) === undefined)
    return undefined
  const { startedAt } = pending
  return {
    kept,
    client,
    signIn,
    visitor,
    flow,
    startedAt,
    isAgreed: false,
    now: services.now(),
    lang,
  }
}

async function cancel(
  { kept, client, lang }: OpenRequest,
  flow: string,
  request: HttpRequest,
  services: AuthorizeServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { redirectUri, responseMode, state } = kept.request
  const visitor = await readVisitor(request, browser)
  if (visitor.browser === undefined)
    return showProblem({ problem: 'too_old' }, request, services, lang)
  const key = {
    hash: hashCode(flow),
    browserHash: browser.values.browserHash(visitor.browser),
  }
  if (!(await openidOf(services).store.authorizations.dropPending(key)))
    return showProblem({ problem: 'answered' }, request, services, lang)
  const way = { redirectUri, responseMode, state, issuer: services.issuer, lang }
  return answerWithRefusal(
    { ...way, app: appPlace(client, redirectUri) },
    { reason: 'user_denied' },
    browser,
  )
}
