import type { HttpReply } from '../http/exchange.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import type { UserId } from '../store/port/user-records.ts'
import { byPassword, type SignInProof } from '../users/sign-in-proof.ts'
import { verifiedUser } from '../users/verified-user.ts'
import { finishSignIn } from './finish-sign-in.ts'
import type { OpenPage } from './open-page.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

/**
 * Signs the user in whose ticket was just spent in this browser, where the password was typed too. The level is that of a
 * password alone: a second factor comes next where the user has one.
 */
export async function finishProof(
  userId: UserId,
  end: {
    readonly page: OpenPage
    readonly returnTo: string | undefined
    readonly isPersistent: boolean
    /** Default: that of the password alone. */
    readonly proof?: SignInProof
  },
  services: Pick<Services, 'browserServices' | 'now' | 'catchUp' | 'collector' | 'mail'>,
): Promise<HttpReply> {
  const browser = servicesOf(services)
  const { page, returnTo, isPersistent, proof = byPassword } = end
  const { request, visitor, lang } = page
  const signIn = redirectTo(signInAddress({ lang, returnTo }))
  // The new version must be known before tokens of it are minted.
  await services.catchUp()
  const user = await browser.store.users.find(userId)
  if (user?.status !== 'active') return signIn
  const finished = await finishSignIn(
    verifiedUser(user),
    proof,
    { request, visitor, lang, returnTo, isPersistent },
    browser,
    services,
  )
  return finished.outcome === 'answered' ? finished.reply : signIn
}
