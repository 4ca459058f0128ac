import { signedInHome } from '../sessions/return-target.ts'
import type { HttpReply } from '../http/exchange.ts'
import { labelAgent } from '../sessions/agent-label.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { SignInProof } from '../users/sign-in-proof.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import type { BrowserServices } from './browser-services.ts'
import { composeNotices } from './notices.ts'
import { renderErrorPage } from './error-page-reply.ts'
import { startSecondFactor } from './second-factor-ticket.ts'
import type { Services } from './services.ts'
import { placeAfterSignIn } from './place-after-sign-in.ts'
import type { SignInEnd } from './sign-in-end.ts'
import { redirectTo, tokenCookies } from './visitor.ts'

/** The outcome for a browser. `refused`: the proof did not hold when the session was to be opened. */
export type FinishedSignIn =
  | { readonly outcome: 'answered'; readonly reply: HttpReply }
  | { readonly outcome: 'refused'; readonly reason: 'user_changed' | 'ticket_spent' | 'code_used' }

/**
 * Ends the sign-in of a user at a browser: opens a session, and goes on to the return target. A user with a second factor
 * who proved one factor goes on to the other. Each way to sign in at a page ends here.
 */
export async function finishSignIn(
  user: VerifiedUser,
  proof: SignInProof,
  end: SignInEnd,
  browser: BrowserServices,
  services: Pick<Services, 'browserServices' | 'mail' | 'now'>,
): Promise<FinishedSignIn> {
  const { request, visitor, lang, isPersistent } = end
  if (proof.acr === '1' && accountLevelOf(await browser.store.users.factors(user.id)) === '2') {
    const isSpent =
      proof.ticket !== undefined && (await browser.store.tickets.redeem(proof.ticket)) === undefined
    if (isSpent) return { outcome: 'refused', reason: 'ticket_spent' }
    return { outcome: 'answered', reply: await startSecondFactor(user, proof.amr, end, browser) }
  }
  const { address, requestId } = request
  // New at each sign-in, so that nothing that was bound to the browser before goes on.
  const secret = browser.values.newBrowser()
  const isKnown = browser.values.deviceOf(visitor.cookies.device, user.id) !== undefined
  const notices = isKnown ? [] : noticesOfDevice(user, end, services)
  const opened = await browser.sessions.open(
    user,
    { ...proof, mails: [...(proof.mails ?? []), ...notices] },
    {
      isPersistent,
      agent: labelAgent(request.headers['user-agent']),
      address,
      browserHash: browser.values.browserHash(secret),
      formerBrowserHash:
        visitor.browser === undefined ? undefined : browser.values.browserHash(visitor.browser),
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
  const place = await placeAfter(user, end, browser)
  const reply = redirectTo(place, [
    ...tokenCookies(opened.value, { isPersistent, expiresAt, now }, browser),
    browser.cookies.set('browser', secret, age),
    ...(isKnown
      ? []
      : [browser.cookies.set('device', browser.values.newDevice(user.id), deviceSeconds)]),
  ])
  return { outcome: 'answered', reply }
}

/**
 * Makes the mail about a sign-in with a new browser. The first browser of all is no news.
 * Source: OWASP ASVS 5.0 6.3.5.
 */
function noticesOfDevice(
  user: VerifiedUser,
  { request, lang }: SignInEnd,
  services: Pick<Services, 'mail' | 'now'>,
): readonly NewMail[] {
  if (user.signedInAt === undefined) return []
  return composeNotices({ user, request, lang }, services, (origin) => ({
    template: 'new_device',
    args: { ...origin, link: '/account/devices' },
  }))
}

/** Gives the place to go to. A person whose deletion waits sees that first, and can keep the account. */
async function placeAfter(
  { id, eraseAt }: VerifiedUser,
  { lang, returnTo = signedInHome, knowsPasskeys = false }: SignInEnd,
  browser: BrowserServices,
): Promise<string> {
  if (eraseAt === undefined)
    return knowsPasskeys ? placeAfterSignIn(id, { returnTo, lang }, browser) : returnTo
  const query = new URLSearchParams({ lang, return_to: returnTo })
  return `/account/data/deletion?${query.toString()}`
}

/** How long a browser is known. Source: RFC 6265bis §5.5 (no cookie lives longer than 400 days). */
const deviceSeconds = 400 * 86_400
