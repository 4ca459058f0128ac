import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { asksForHtml } from '../http/asks-for-html.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { isFromOwnPage } from '../sessions/own-page.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import { defineEndpoint } from './endpoint.ts'
import { replyFresh } from './oauth-reply.ts'
import { answerJson, refusal } from './reference.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import {
  readVisitor,
  redirectTo,
  renewalCookies,
  signedOutCookies,
  withCookies,
} from './visitor.ts'

type RenewalServices = Pick<Services, 'browserServices' | 'now'>

const signedOut = refusal(401, 'signed_out', 'The browser has no session.')
const unavailable = refusal(503, 'no_token', 'No token can be made at present.')

/** A proxy sends it. The scripts of a page cannot: browsers keep names with this beginning to themselves. */
const proxyHeader = 'sec-countersign-proxy'

/**
 * Says to a proxy whether the browser has a session, and renews it. Only a proxy finds cookies in other headers than
 * `Set-Cookie`, because a script could read them.
 * Why each cookie is repeated in a header of its own: nginx keeps only one `Set-Cookie` of a subrequest.
 * Source: Fetch §2.2.2 (forbidden request-headers begin with `Sec-`).
 */
export const sessionCheckEndpoint = defineEndpoint({
  method: 'GET',
  path: '/session/check',
  needsBrowsers: true,
  reference: {
    summary: 'Says whether the browser has a session, and renews it. For proxies.',
    parameters: [
      {
        in: 'header',
        name: 'Sec-Countersign-Proxy',
        about:
          'Asks for the further headers. `redirect` also leads a browser without a session to the sign-in page.',
        values: ['check', 'redirect'],
      },
      {
        in: 'header',
        name: 'X-Forwarded-Uri',
        about: 'The path that the browser asked for. The sign-in page returns to it.',
      },
    ],
    answers: [
      {
        status: 204,
        about: 'The browser has a session. Pass the cookies on.',
        headers: ['Set-Cookie', 'X-Countersign-Cookie-1', 'X-Countersign-Cookie-2', 'Cookie'],
      },
      {
        status: 303,
        about: 'A browser without a session asks for a page.',
        headers: ['Location', 'Set-Cookie'],
      },
      { ...signedOut, headers: [] },
      unavailable,
    ],
  },
  make: (services: RenewalServices) => async (request) => {
    const renewed = await renew(request, 'due', services)
    const asks = request.headers[proxyHeader]
    const { reply, cookies } = renewed
    if (asks === undefined) return reply
    if (asks === 'redirect' && reply.status === 401 && asksForHtml(request.headers.accept)) {
      const path = request.headers['x-forwarded-uri']
      const returnTo = readReturnTarget(typeof path === 'string' ? path : undefined)
      return redirectTo(signInAddress({ returnTo }), cookies)
    }
    return { ...reply, headers: { ...reply.headers, ...forProxy(request, renewed, services) } }
  },
})

/** The cookies in headers of their own, and those that the application may see. */
function forProxy(
  request: HttpRequest,
  { reply, cookies }: Renewed,
  services: RenewalServices,
): Readonly<Record<string, string>> {
  const numbered = cookies.map((cookie, at) => [`x-countersign-cookie-${at + 1}`, cookie] as const)
  const [renewed] = cookies
  const forApps = servicesOf(services).cookies.forApps(request, renewed)
  return {
    ...Object.fromEntries(numbered),
    ...(reply.status === 204 && forApps !== '' ? { cookie: forApps } : {}),
  }
}

/** Gives a script new cookies, also where the old ones are good: roles may have changed. */
export const sessionRenewEndpoint = defineEndpoint({
  method: 'POST',
  path: '/session/renew',
  needsBrowsers: true,
  reference: {
    summary: 'Gives the browser new cookies. For scripts of pages on this host.',
    answers: [
      answerJson('The cookies are renewed.', [
        {
          name: 'expires_in',
          about: 'Seconds until the access token expires.',
          type: 'integer',
          isRequired: true,
        },
      ]),
      { ...signedOut, headers: [] },
      refusal(403, 'cross_site', 'A page of another origin sends the request.'),
      unavailable,
    ],
  },
  make: (services: RenewalServices) => async (request) =>
    isFromOwnPage(request, servicesOf(services).origin)
      ? (await renew(request, 'always', services)).reply
      : crossSite,
})

const crossSite = replyFresh(403, { error: 'cross_site' })

interface Renewed {
  readonly reply: HttpReply
  readonly cookies: readonly string[]
}

async function renew(
  request: HttpRequest,
  when: 'due' | 'always',
  services: RenewalServices,
): Promise<Renewed> {
  const browser = servicesOf(services)
  const { found, cookies: sent, wasSignedOut, audit } = await readVisitor(request, browser)
  if (found === undefined) {
    const hasOld = wasSignedOut || sent.access !== undefined
    return answer(replyFresh(401, { error: 'signed_out' }), hasOld ? signedOutCookies(browser) : [])
  }
  const renewal = await browser.sessions.renew(found, sent.access, when, audit)
  const cookies = renewalCookies(renewal, found, services.now(), browser)
  switch (renewal.outcome) {
    case 'ended':
      return answer(replyFresh(401, { error: 'signed_out' }), cookies)
    case 'refused':
      return answer(replyFresh(503, { error: 'no_token' }, { 'retry-after': '1' }), [])
    case 'fresh':
      return answer(noContent, [])
    case 'renewed': {
      if (when === 'due') return answer(noContent, cookies)
      const seconds = renewal.tokens.access.expiresAt - Math.floor(services.now())
      return answer(replyFresh(200, { expires_in: seconds }), cookies)
    }
  }
}

const noContent = { status: 204, headers: { 'cache-control': 'no-store' }, body: '' }

function answer(reply: HttpReply, cookies: readonly string[]): Renewed {
  return { reply: withCookies(reply, cookies), cookies }
}
