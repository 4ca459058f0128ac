import { accountAddress } from '../pages/account-address.ts'
import { accountPageHandler, type AccountServices } from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { accountAnswers, languageParameter } from './account-reference.ts'
import { servicesOf } from './sign-in.ts'
import { languageOf, redirectTo } from './visitor.ts'

/** Leads to the first page of the account. */
export const accountEndpoint = defineEndpoint({
  method: 'GET',
  path: '/account',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Leads to the first page of the account.',
    parameters: [languageParameter],
    answers: [{ status: 303, about: 'The first page.', headers: ['Location'] }],
  },
  make: () => (request) => {
    const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
    return redirectTo(accountAddress('/account/security', lang))
  },
})

/** Shows the password, the second factor and the passkeys. */
export const securityPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/account/security',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary:
      'Shows the password, the second factor and the passkeys of the person who is signed in.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, {}, async ({ visitor, frame, lang }) => {
      const { store, loadPages } = servicesOf(services)
      const pages = await loadPages()
      const password = await store.users.findPassword(visitor.found.record.userId)
      return pages.security({ ...frame, password: { setAt: password?.setAt } }, lang)
    }),
})
