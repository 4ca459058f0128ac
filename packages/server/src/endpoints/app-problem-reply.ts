import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { AppProblemState } from '../pages/app-pages.ts'
import type { Language } from '../pages/language.ts'
import type { OpenidServices } from './openid-services.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { languageOf } from './visitor.ts'

export type AuthorizeServices = Pick<
  Services,
  'browserServices' | 'openid' | 'collector' | 'issuer' | 'now'
>

/** Shows a problem of an app on a page of ours. */
export async function showProblem(
  problem: Omit<AppProblemState, 'requestId'>,
  request: HttpRequest,
  services: AuthorizeServices,
  lang: Language = languageOf(request, undefined),
): Promise<HttpReply> {
  const pages = await servicesOf(services).loadPages()
  return pages.appProblem({ ...problem, requestId: request.requestId }, lang)
}

/** The rows of the table exist only where browsers can sign in. */
export function openidOf({ openid }: Pick<Services, 'openid'>): OpenidServices {
  if (openid === undefined) throw new Error('an app was served without its services')
  return openid
}
