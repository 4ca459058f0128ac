import type { HttpReply } from '../http/exchange.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import { flowOf } from './continue-address.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import {
  languageOf,
  readPageForm,
  readVisitor,
  redirectTo,
  signedOutCookies,
  withCookies,
  type Visitor,
} from './visitor.ts'

type SignOutServices = Pick<Services, 'browserServices' | 'catchUp' | 'now'>

/** Asks before it signs out; without a session it says that nobody is signed in. */
export const signOutPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/sign-out',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks whether to sign out, or says that the browser is signed out.',
    parameters: [
      { name: 'lang', about: 'The language of the page.', values: ['en', 'de'], in: 'query' },
    ],
    answers: pageAnswers([[200, 'The page.']]),
  },
  make: (services: SignOutServices) => async (request) => {
    const visitor = await readVisitor(request, servicesOf(services))
    const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
    return showSignOut(visitor, lang, services)
  },
})

/** Ends the session, revokes its tokens and deletes its cookies. */
export const signOutEndpoint = defineEndpoint({
  method: 'POST',
  path: '/sign-out',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Ends the session of the browser.',
    body: {
      mediaType: 'application/x-www-form-urlencoded',
      kinds: [
        {
          fields: [
            {
              name: 'form',
              about: 'The value of the page, bound to its session.',
              isRequired: true,
            },
            {
              name: 'then',
              about: 'Goes to the sign-in page next, or to the return target.',
              values: ['sign-in', 'return'],
            },
            { name: 'return_to', about: 'The path to return to, after that sign-in or at once.' },
            { name: 'lang', about: 'The language of the page.', values: ['en', 'de'] },
          ],
        },
      ],
    },
    answers: [
      {
        status: 303,
        about: 'The browser is signed out.',
        headers: ['Location', 'Set-Cookie', 'Clear-Site-Data'],
      },
      ...pageAnswers([
        [200, 'The form was of another session: the page asks once more.'],
        [400, 'The body is no form.'],
        [403, 'The form comes from another site.'],
      ]),
    ],
  },
  make: (services: SignOutServices) => async (request) => {
    const browser = servicesOf(services)
    const form = readPageForm(request)
    const lang = languageOf(request, form?.get('lang'))
    if (form === undefined) return renderErrorPage(400, request, lang, services)
    if (!isFromOwnPage(request, browser.origin))
      return renderErrorPage(403, request, lang, services)
    const visitor = await readVisitor(request, browser)
    const { found, audit } = visitor
    if (found !== undefined) {
      const { sid } = found.record.family
      if (!browser.values.isFormValue(form.get('form'), 'sign-out', sid))
        return showSignOut(visitor, lang, services)
      await browser.sessions.end(found, audit)
      await services.catchUp()
    }
    const returnTo = readReturnTarget(form.get('return_to'))
    const next = placeAfter(form.get('then'), returnTo, lang)
    const cleared = signedOutCookies(browser)
    // A browser that changes the account keeps the request of an app that waits for it. The sign-in makes a new secret.
    const isAwaited = form.get('then') === 'sign-in' && flowOf(returnTo) !== undefined
    const reply = redirectTo(
      next,
      isAwaited ? cleared : [...cleared, browser.cookies.clear('browser')],
    )
    return { ...reply, headers: { ...reply.headers, 'clear-site-data': '"cache"' } }
  },
})

function placeAfter(then: string | undefined, returnTo: string | undefined, lang: string): string {
  if (then === 'sign-in') return signInAddress({ lang, returnTo })
  return then === 'return' && returnTo !== undefined ? returnTo : `/sign-out?lang=${lang}`
}

async function showSignOut(
  { found, wasSignedOut }: Visitor,
  lang: string,
  services: SignOutServices,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const pages = await browser.loadPages()
  if (found === undefined)
    return withCookies(pages.signedOut({}, lang), wasSignedOut ? signedOutCookies(browser) : [])
  const { sid, username: who } = found.record.family
  const formValue = browser.values.formValue('sign-out', sid)
  return pages.signOut({ formValue, who, stayAt: '/' }, lang)
}
