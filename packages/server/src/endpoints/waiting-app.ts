import { hashCode } from '../grants/authorization-code.ts'
import type { Place } from '../pages/page.ts'
import { appPlace } from './authorization-answer.ts'
import type { KeptRequest } from './authorization-steps.ts'
import { flowOf } from './continue-address.ts'
import type { Services } from './services.ts'

type WaitingServices = Pick<Services, 'browserServices' | 'openid'>

/** Finds the request of an app that waits for this browser. */
export async function findWaitingRequest(
  flow: string,
  browser: string | undefined,
  { browserServices, openid }: WaitingServices,
): Promise<KeptRequest | undefined> {
  if (browserServices === undefined || openid === undefined) return undefined
  const { values } = browserServices
  if (!values.isBrowser(browser)) return undefined
  const key = { hash: hashCode(flow), browserHash: values.browserHash(browser) }
  const pending = await openid.store.authorizations.findPending(key)
  return pending && JSON.parse(pending.request)
}

/** Gives the app that a page returns to, as the place that the user signs in to. */
export async function findWaitingApp(
  returnTo: string | undefined,
  browser: string | undefined,
  services: WaitingServices,
): Promise<Place | undefined> {
  const flow = flowOf(returnTo)
  if (flow === undefined) return undefined
  const { request } = (await findWaitingRequest(flow, browser, services)) ?? {}
  if (request === undefined) return undefined
  const client = await services.openid?.client(request.clientId)
  return client && appPlace(client, request.redirectUri)
}
