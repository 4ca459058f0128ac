import type { ErrorPage } from '../http/edge.ts'
import { asksForHtml } from '../http/asks-for-html.ts'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { ErrorPageStatus } from '../pages/error-page.ts'
import { chooseLanguage, type Language } from '../pages/language.ts'
import type { Services } from './services.ts'

/** Answers a request of a browser with the page of an error. */
export async function renderErrorPage(
  status: ErrorPageStatus,
  { requestId }: HttpRequest,
  lang: Language,
  { browserServices, now }: Pick<Services, 'browserServices' | 'now'>,
): Promise<HttpReply> {
  if (browserServices === undefined) throw new Error('a page was asked for without its services')
  const pages = await browserServices.loadPages()
  return pages.error({ status, requestId, now: now() }, lang)
}

/**
 * Makes the pages of requests that get no answer of a row. A client that does not ask for HTML gets JSON.
 * Why only where browsers can sign in: elsewhere nobody opens pages.
 */
export function createErrorPage(
  services: Pick<Services, 'browserServices' | 'now'>,
): ErrorPage | undefined {
  const { browserServices, now } = services
  if (browserServices === undefined) return undefined
  return ({ headers, query, requestId }, reply) => {
    const status = pageStatuses.find((known) => known === reply.status)
    if (status === undefined || !asksForHtml(headers.accept)) return undefined
    return browserServices.loadPages().then((pages) => {
      const lang = chooseLanguage({
        lang: new URLSearchParams(query).get('lang') ?? undefined,
        acceptLanguage: headers['accept-language'],
      })
      const page = pages.error({ status, requestId, now: now() }, lang)
      const { allow } = reply.headers
      return allow === undefined ? page : { ...page, headers: { ...page.headers, allow } }
    })
  }
}

const pageStatuses: readonly ErrorPageStatus[] = [400, 404, 405, 413, 500, 503]
