import { isFromOwnPage } from '../sessions/own-page.ts'
import { languageParameter } from './account-reference.ts'
import type { AccountServices } from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readPageForm } from './visitor.ts'

const path = '/account/keep'

const ticket = { name: 'ticket', about: 'The secret of the link.', isRequired: true } as const

/** Shows the page of the link in the mail about a deletion. It reads nothing, so it reveals nothing. */
export const keepByLinkPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks whether to keep an account whose deletion waits, by the link of a mail.',
    parameters: [{ ...ticket, in: 'query' }, languageParameter],
    answers: pageAnswers([
      [200, 'The page.'],
      [410, 'The address holds no ticket.'],
    ]),
  },
  make: (services: AccountServices) => async (request) => {
    const { values, loadPages } = servicesOf(services)
    const query = new URLSearchParams(request.query)
    const lang = languageOf(request, query.get('lang'))
    const secret = query.get('ticket') ?? undefined
    const pages = await loadPages()
    return values.isBrowser(secret)
      ? pages.keepByLink({ ticket: secret }, lang)
      : pages.deletionEnd({ end: 'link_ended' }, lang)
  },
})

/**
 * Keeps the account of a ticket.
 * Why no session and no value of the form: the ticket is the proof, and a person whose account was taken has no other.
 */
export const keepByLinkEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Keeps an account whose deletion waits, by the link of a mail.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            ticket,
            { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
          ],
        },
      ],
    },
    answers: pageAnswers([
      [200, 'The account stays.'],
      [400, 'The body is no form.'],
      [403, 'The form comes from another site.'],
      [410, 'The ticket was used, or its time is over.'],
    ]),
  },
  make: (services: AccountServices) => async (request) => {
    const { origin, values, store, loadPages } = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    if (!isFromOwnPage(request, origin)) return renderErrorPage(403, request, lang, services)
    const secret = form.get('ticket')
    const { requestId, address } = request
    const outcome = values.isBrowser(secret)
      ? await store.account.keepByLink(values.browserHash(secret), {
          requestId,
          address,
          actor: null,
        })
      : 'none'
    return (await loadPages()).deletionEnd(
      { end: outcome === 'kept' ? 'kept' : 'link_ended' },
      lang,
    )
  },
})
