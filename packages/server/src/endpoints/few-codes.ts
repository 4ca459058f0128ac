import { readReturnTarget } from '../sessions/return-target.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { defineEndpoint } from './endpoint.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readVisitor, redirectTo } from './visitor.ts'

/** Offers new recovery codes after a sign-in with one of the last. */
export const fewCodesEndpoint = defineEndpoint({
  method: 'GET',
  path: '/sign-in/recovery-codes',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Offers new recovery codes after a sign-in with one of the last.',
    parameters: [
      { name: 'return_to', about: 'A path of this site, to go on to.', in: 'query' },
      { name: 'lang', about: 'The language of the page.', values: ['en', 'de'], in: 'query' },
    ],
    answers: [
      ...pageAnswers([[200, 'The page.']]),
      { status: 303, about: 'The browser has no session.', headers: ['Location'] },
    ],
  },
  make: (services: Pick<Services, 'browserServices'>) => async (request) => {
    const browser = servicesOf(services)
    const query = new URLSearchParams(request.query)
    const lang = languageOf(request, query.get('lang'))
    const returnTo = readReturnTarget(query.get('return_to') ?? undefined) ?? '/'
    const { found } = await readVisitor(request, browser)
    if (found === undefined) return redirectTo(signInAddress({ lang, returnTo }))
    // Read again, because the address can be written by anybody.
    const { recoveryCodesLeft: left } = await browser.store.users.factors(found.record.userId)
    return (await browser.loadPages()).fewCodes({ left, returnTo }, lang)
  },
})
