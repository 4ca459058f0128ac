import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import type { Language } from '../pages/language.ts'
import { labelAgent } from '../sessions/agent-label.ts'
import type { SignInProof } from '../users/sign-in-proof.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import type { BrowserServices } from './browser-services.ts'
import { renderErrorPage } from './error-page-reply.ts'
import type { Services } from './services.ts'
import { redirectTo, tokenCookies, type Visitor } from './visitor.ts'

/** The request that ends a sign-in, and the wishes of its form. */
export interface SignInEnd {
  readonly request: HttpRequest
  readonly visitor: Visitor
  readonly lang: Language
  readonly returnTo: string | undefined
  /** Whether the session outlives the browser's own session. */
  readonly isPersistent: boolean
}

/** The outcome for a browser. `refused`: the proof did not hold when the session was to be opened. */
export type FinishedSignIn =
  | { readonly outcome: 'answered'; readonly reply: HttpReply }
  | { readonly outcome: 'refused'; readonly reason: 'user_changed' | 'ticket_spent' | 'code_used' }

/**
 * Ends the sign-in of a user at a browser: opens a session, and goes on to the return target. Each way to sign in at a page
 * ends here.
 */
export async function finishSignIn(
  user: VerifiedUser,
  proof: SignInProof,
  end: SignInEnd,
  browser: BrowserServices,
  services: Pick<Services, 'browserServices' | 'now'>,
): Promise<FinishedSignIn> {
  const { request, visitor, lang, returnTo = '/', isPersistent } = end
  const { address, requestId } = request
  // New at each sign-in, so that nothing that was bound to the browser before goes on.
  const secret = browser.values.newBrowser()
  const opened = await browser.sessions.open(
    user,
    proof,
    {
      isPersistent,
      agent: labelAgent(request.headers['user-agent']),
      address,
      browserHash: browser.values.browserHash(secret),
      replaces: visitor.found?.record.family.sid,
    },
    { requestId, address, actor: `user:${user.id}` },
  )
  if (!opened.ok) {
    const { reason } = opened.refusal
    if (reason === 'user_changed' || reason === 'ticket_spent' || reason === 'code_used')
      return { outcome: 'refused', reason }
    return { outcome: 'answered', reply: await renderErrorPage(503, request, lang, services) }
  }
  const now = services.now()
  const { expiresAt } = opened.value
  const age = isPersistent ? expiresAt - now : undefined
  const isKnown = browser.values.deviceOf(visitor.cookies.device, user.id) !== undefined
  const reply = redirectTo(returnTo, [
    ...tokenCookies(opened.value, { isPersistent, expiresAt, now }, browser),
    browser.cookies.set('browser', secret, age),
    ...(isKnown
      ? []
      : [browser.cookies.set('device', browser.values.newDevice(user.id), deviceSeconds)]),
  ])
  return { outcome: 'answered', reply }
}

/** How long a browser is known. Source: RFC 6265bis §5.5 (no cookie lives longer than 400 days). */
const deviceSeconds = 400 * 86_400
