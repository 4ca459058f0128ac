import type { HttpReply } from '../http/exchange.ts'
import { secondFactorAddress } from '../pages/second-factor-address.ts'
import { readReturnTarget } from '../sessions/return-target.ts'
import type { FoundTicket, TicketKey } from '../store/port/ticket-verbs.ts'
import type { UserId, UserRecord } from '../store/port/user-records.ts'
import type { BrowserServices } from './browser-services.ts'
import { redirectTo, withCookies } from './visitor.ts'
import type { SignInEnd } from './sign-in-end.ts'

/** The tries at codes of one sign-in. One more is for the redemption. */
const triesMax = 5
const ttlSeconds = 600

/** A sign-in whose first factor was proven. */
export interface PendingSignIn {
  readonly key: TicketKey
  readonly userId: UserId
  /** The version of the user at the first factor. */
  readonly version: number
  /** The methods that were proven. */
  readonly amr: readonly string[]
  readonly returnTo: string | undefined
  readonly isPersistent: boolean
  /** Why the password must change before a session; absent where it need not. */
  readonly mustChange: MustChange | undefined
  readonly triesLeft: number
}

type MustChange = 'asked' | 'too_short'

/** The exact contents of the ticket. */
interface Payload extends Pick<PendingSignIn, 'version' | 'amr' | 'isPersistent' | 'mustChange'> {
  readonly returnTo: string | null
}

/**
 * Begins the second factor: makes a ticket that only this browser has, and leads to the page for the code.
 * Why no cookie of a session: nothing may be open before the second factor was proven.
 */
export async function startSecondFactor(
  user: UserRecord,
  amr: readonly string[],
  { visitor, lang, returnTo, isPersistent }: SignInEnd,
  { values, store, cookies }: BrowserServices,
  mustChange?: MustChange,
): Promise<HttpReply> {
  const browser = visitor.browser ?? values.newBrowser()
  const payload: Payload = {
    version: user.version,
    amr,
    isPersistent,
    returnTo: returnTo ?? null,
    mustChange,
  }
  await store.tickets.create({
    ...ticketKeyOf(browser, values),
    userId: user.id,
    nameKey: null,
    payload: JSON.stringify(payload),
    attemptsMax: triesMax + 1,
    ttlSeconds,
  })
  const reply = redirectTo(secondFactorAddress({ lang }))
  return visitor.browser === undefined
    ? withCookies(reply, [cookies.set('browser', browser)])
    : reply
}

export function ticketKeyOf(browser: string, values: BrowserServices['values']): TicketKey {
  const purpose = 'second_factor'
  return {
    purpose,
    hash: values.ticketHash(purpose, browser),
    browserHash: values.browserHash(browser),
  }
}

/** Reads the contents of a ticket. Throws: for one without a user (our bug). */
export function readPendingSignIn(key: TicketKey, ticket: FoundTicket): PendingSignIn {
  if (ticket.userId === null) throw new Error('a second factor without a user')
  const { returnTo, ...facts }: Payload = JSON.parse(ticket.payload)
  return {
    ...facts,
    key,
    userId: ticket.userId,
    triesLeft: ticket.triesLeft,
    returnTo: readReturnTarget(returnTo ?? undefined),
  }
}
