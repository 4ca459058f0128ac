import type { HttpReply } from '../http/exchange.ts'
import type { Inbox } from '../mail/inbox.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { languageOf } from './visitor.ts'

type InboxServices = Pick<Services, 'browserServices' | 'now'> & {
  readonly mail: Pick<Services['mail'], 'inbox'>
}

const lang = { name: 'lang', about: 'The language of the page.', in: 'query' } as const
const mailId = { name: 'mail', about: 'The id of one mail.', in: 'query' } as const

/** Shows the mail that stayed on this machine, or one of it. For `dev` only. */
export const inboxEndpoint = defineEndpoint({
  method: 'GET',
  path: '/inbox',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the mail of dev.',
    parameters: [mailId, lang],
    answers: pageAnswers([
      [200, 'The list of mails, or the one that `mail` names.'],
      [404, 'There is no such mail.'],
    ]),
  },
  ignoresRevocations: true,
  make: (services: InboxServices) => async (request) => {
    const query = new URLSearchParams(request.query)
    const lang = languageOf(request, query.get('lang'))
    const id = query.get('mail')
    const pages = await servicesOf(services).loadPages()
    if (id === null) return pages.inbox({ mails: inboxOf(services).list() }, lang)
    const mail = inboxOf(services).find(id)
    return mail === undefined
      ? renderErrorPage(404, request, lang, services)
      : pages.inboxMail(mail, lang)
  },
})

/** Shows the HTML of one mail as it would arrive. For `dev` only. */
export const inboxHtmlEndpoint = defineEndpoint({
  method: 'GET',
  path: '/inbox/html',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the HTML of one mail of dev.',
    parameters: [{ ...mailId, isRequired: true }, lang],
    answers: pageAnswers([
      [200, 'The HTML of the mail.'],
      [404, 'There is no such mail.'],
    ]),
  },
  ignoresRevocations: true,
  make: (services: InboxServices) => async (request) => {
    const query = new URLSearchParams(request.query)
    const mail = inboxOf(services).find(query.get('mail') ?? '')
    if (mail !== undefined) return htmlOf(mail.html)
    return renderErrorPage(404, request, languageOf(request, query.get('lang')), services)
  },
})

function inboxOf({ mail }: InboxServices): Inbox {
  if (mail.inbox === undefined) throw new Error('the inbox was asked for where there is none')
  return mail.inbox
}

/** A mail has inline styles, which the pages of the service never have. So it is shown without any rights. */
function htmlOf(html: string): HttpReply {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    },
    body: html,
  }
}
