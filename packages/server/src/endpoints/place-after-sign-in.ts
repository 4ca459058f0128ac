import { passkeyOfferAddress } from '../pages/passkey-offer-address.ts'
import type { UserId } from '../store/port/user-records.ts'
import type { BrowserServices } from './browser-services.ts'

/** Gives the place to go to after a sign-in: the target, or a page about passkeys that leads there. */
export async function placeAfterSignIn(
  userId: UserId,
  to: { readonly returnTo: string; readonly lang: string },
  { passkeys, store }: Pick<BrowserServices, 'passkeys' | 'store'>,
): Promise<string> {
  if (passkeys === undefined) return to.returnTo
  const list = await store.passkeys.listOf(userId)
  const isOf = list !== undefined && (list.passkeys.length > 0 || list.mayBeOffered)
  return isOf ? passkeyOfferAddress(to) : to.returnTo
}
