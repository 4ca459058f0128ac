import { accountAddress } from '../pages/account-address.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import { accountFormHandler, accountPageHandler, type AccountServices } from './account-visitor.ts'
import { openidOf } from './app-problem-reply.ts'
import { defineEndpoint } from './endpoint.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

type AppServices = AccountServices & Pick<Services, 'catchUp' | 'openid'>

const path = '/account/apps'

/** Shows the apps that have access to the account of the person who is signed in. */
export const appsPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Shows the apps that have access to the account of the person who is signed in.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AppServices) =>
    accountPageHandler(services, {}, async ({ request, visitor, frame, formValue, lang }) => {
      const browser = servicesOf(services)
      const found = await browser.store.consents.list(visitor.found.record.userId)
      const apps = found.map((app) => ({ ...app, name: app.name ?? app.clientId }))
      const removed = await readRemoved(new URLSearchParams(request.query), services)
      return (await browser.loadPages()).apps({ ...frame, formValue, apps, removed }, lang)
    }),
})

/** Removes an app: its consents, its families and its tokens. */
export const removeAppEndpoint = defineEndpoint({
  method: 'POST',
  path: `${path}/remove`,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Takes its access from an app, and revokes its tokens.',
    body: accountFormFields([{ name: 'client', about: 'The id of the app.', isRequired: true }]),
    answers: [
      { status: 303, about: 'The app has no more access.', headers: ['Location'] },
      ...pageAnswers([[404, 'The app had no access.']]),
    ],
  },
  make: (services: AppServices) =>
    accountFormHandler(
      services,
      { pageAt: path, why: 'apps' },
      async ({ request, form, visitor, lang }) => {
        const { consents } = servicesOf(services).store
        const clientId = form.get('client') ?? ''
        const { userId } = visitor.found.record
        const outcome = await consents.revoke(userId, clientId, 'ended_by_user', visitor.audit)
        if (outcome === 'unknown') return renderErrorPage(404, request, lang, services)
        await services.catchUp()
        const query = new URLSearchParams({ removed: clientId })
        return redirectTo(`${accountAddress(path, lang)}&${query.toString()}`)
      },
    ),
})

/** Reads the name of the app whose removal led here. An id of no client is ignored, because anybody can write an address. */
async function readRemoved(
  query: URLSearchParams,
  services: AppServices,
): Promise<string | undefined> {
  const id = query.get('removed')
  const client = id === null ? undefined : await openidOf(services).client(id)
  return client?.signIn === undefined ? undefined : (client.signIn.name ?? client.id)
}
