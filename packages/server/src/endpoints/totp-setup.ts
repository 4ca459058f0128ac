import type { FoundTicket, TicketKey } from '../store/port/ticket-verbs.ts'
import type { SealedTotp } from '../store/port/factor-verbs.ts'
import type { UserId } from '../store/port/user-records.ts'
import type { BrowserServices } from './browser-services.ts'

/** The tries at the first code. One more is for the redemption. */
const triesMax = 5
const ttlSeconds = 600

/** A code app that its user has not confirmed. It is no factor. */
export interface PendingTotp extends SealedTotp {
  readonly key: TicketKey
  readonly secret: Uint8Array
}

interface Payload {
  readonly sealId: string
  readonly sealed: string
}

/** Gives the secret that waits in this browser for its first code, or makes one that waits for ten minutes. */
export async function readOrMakeTotp(
  userId: UserId,
  browser: string,
  services: BrowserServices,
): Promise<PendingTotp> {
  const key = setupKeyOf(browser, services)
  const ticket = await services.store.tickets.find(key)
  const waiting = ticket && openPending(key, ticket, userId, services)
  // After the last try another secret begins.
  if (waiting !== undefined && ticket !== undefined && ticket.triesLeft > 0) return waiting
  const made = services.secondFactors.newTotp(userId)
  const { sealId, sealed, secret } = made
  const payload: Payload = { sealId, sealed: Buffer.from(sealed).toString('base64url') }
  await services.store.tickets.create({
    ...key,
    userId,
    nameKey: null,
    payload: JSON.stringify(payload),
    attemptsMax: triesMax + 1,
    ttlSeconds,
  })
  return { key, sealId, sealed, secret }
}

export function setupKeyOf(
  browser: string,
  { values }: Pick<BrowserServices, 'values'>,
): TicketKey {
  const purpose = 'totp_setup'
  return {
    purpose,
    hash: values.ticketHash(purpose, browser),
    browserHash: values.browserHash(browser),
  }
}

/** Opens the contents of a ticket; `undefined` for one of another user, or sealed under a key that is gone. */
export function openPending(
  key: TicketKey,
  ticket: FoundTicket,
  userId: UserId,
  { secondFactors }: Pick<BrowserServices, 'secondFactors'>,
): PendingTotp | undefined {
  if (ticket.userId !== userId) return undefined
  const payload: Payload = JSON.parse(ticket.payload)
  const sealed = new Uint8Array(Buffer.from(payload.sealed, 'base64url'))
  const secret = secondFactors.openTotp(userId, { sealId: payload.sealId, sealed })
  return secret && { key, sealId: payload.sealId, sealed, secret }
}
