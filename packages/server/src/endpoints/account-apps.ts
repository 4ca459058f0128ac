import { accountAnswers, languageParameter } from './account-reference.ts'
import { accountPageHandler, type AccountServices } from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { servicesOf } from './services-of.ts'

/** Shows the applications that can use the account while the person is away. */
export const appsPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/account/apps',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the applications that can use the account of the person who is signed in.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, {}, async ({ frame, lang }) =>
      (await servicesOf(services).loadPages()).apps(frame, lang),
    ),
})
