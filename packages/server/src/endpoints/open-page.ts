import type { Form } from '../grants/form.ts'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'
import type { FormTrouble } from '../pages/form-fields.ts'
import type { Language } from '../pages/language.ts'
import type { FormName } from '../sessions/browser-values.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { renderErrorPage } from './error-page-reply.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readPageForm, readVisitor, withCookies, type Visitor } from './visitor.ts'

export type OpenPageServices = Pick<Services, 'browserServices' | 'now'>

/** A request for a page that needs no session. */
export interface OpenPage {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly lang: Language
  /** The secret of the browser; a new one where it had none. */
  readonly browser: string
  readonly browserHash: string
  /** A value of the query or of the form. */
  readonly get: (name: string) => string | undefined
  /** The value of a form on the page. */
  readonly formValue: (form: FormName) => string
}

/** Makes the handler of a page that needs no session. A browser without a secret gets one. */
export function openPageHandler(
  services: OpenPageServices,
  show: (page: OpenPage) => HttpReply | Promise<HttpReply>,
): Endpoint['handle'] {
  return async (request) => {
    const query = new URLSearchParams(request.query)
    const get = (name: string) => query.get(name) ?? undefined
    const { page, finish } = await openPage(request, get, services)
    return finish(await show(page))
  }
}

/**
 * Makes the handler of a form that needs no session.
 * Refuses: a body that is no form (400). A form of another site and a form of another browser are shown again.
 */
export function openFormHandler(
  services: OpenPageServices,
  name: FormName,
  take: (page: OpenPage, form: Form) => HttpReply | Promise<HttpReply>,
  again: (page: OpenPage, trouble: FormTrouble) => HttpReply | Promise<HttpReply>,
): Endpoint['handle'] {
  return async (request) => {
    const { origin, values } = servicesOf(services)
    const form = readPageForm(request)
    if (form === undefined)
      return renderErrorPage(400, request, languageOf(request, undefined), services)
    const { page, finish } = await openPage(request, form.get, services)
    if (!isFromOwnPage(request, origin)) return finish(await again(page, { reason: 'other_site' }))
    const isOwn = values.isFormValue(form.get('form'), name, page.visitor.browser ?? '')
    return finish(isOwn ? await take(page, form) : await again(page, { reason: 'flow_too_old' }))
  }
}

async function openPage(
  request: HttpRequest,
  get: OpenPage['get'],
  services: OpenPageServices,
): Promise<{ readonly page: OpenPage; readonly finish: (reply: HttpReply) => HttpReply }> {
  const { values, cookies } = servicesOf(services)
  const visitor = await readVisitor(request, servicesOf(services))
  const browser = visitor.browser ?? values.newBrowser()
  const page: OpenPage = {
    request,
    visitor,
    lang: languageOf(request, get('lang')),
    browser,
    browserHash: values.browserHash(browser),
    get,
    formValue: (form) => values.formValue(form, browser),
  }
  const finish = (reply: HttpReply) =>
    visitor.browser !== undefined || reply.headers['set-cookie'] !== undefined
      ? reply
      : withCookies(reply, [cookies.set('browser', browser)])
  return { page, finish }
}
