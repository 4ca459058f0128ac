import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { ErrorPageStatus } from '../pages/error-page.ts'
import type { Language } from '../pages/language.ts'
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
