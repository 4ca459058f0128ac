import { createHash } from 'node:crypto'
import type { JsonObject } from '@countersign/jwt'
import type { HttpRequest } from '../http/exchange.ts'
import { chooseLanguage } from '../pages/language.ts'
import type { ClientRecord } from '../store/port/records.ts'
import { accountLevelOf, type UserFactors } from '../store/port/factor-records.ts'
import type { TicketKey } from '../store/port/ticket-verbs.ts'
import type { CodeKind, CodeRefusal } from '../users/factors/second-factors.ts'
import { verifiedUser, type VerifiedUser } from '../users/verified-user.ts'
import { composeNotices } from './notices.ts'
import type { Services } from './services.ts'
import type { UserLogin } from './user-login-service.ts'

/** The tries at codes of one ticket. One more is for the redemption. */
const triesMax = 5
const ttlSeconds = 600
/** Units: bytes and letters of the secret of a ticket. */
const secretBytes = 32
const secretLength = 43

/** The answer to a right password of a user with a second factor. */
export interface FactorWanted {
  readonly ticket: string
  /** The kinds of codes that the user has. */
  readonly ways: readonly CodeKind[]
  readonly expiresInSeconds: number
}

/** Why a code was not taken. `ticket_expired`: it is spent, too old, without tries, or of another client. */
export type LoginCodeRefusal =
  | { readonly reason: 'ticket_expired' }
  | { readonly reason: 'code_malformed' | 'code_wrong'; readonly triesLeft: number }
  | { readonly reason: 'code_used'; readonly nextInSeconds: number }
  | { readonly reason: 'too_many_codes'; readonly retryAfterSeconds: number }

/**
 * Makes a ticket for a user whose password was right; `undefined` where the password is enough.
 * Why it is bound to its own secret and the client: a program has no cookie of a browser.
 */
export async function askForFactor(
  user: VerifiedUser,
  client: ClientRecord,
  { store, randomBytes }: UserLogin,
): Promise<FactorWanted | undefined> {
  const factors = await store.users.factors(user.id)
  if (accountLevelOf(factors) === '1') return undefined
  const ticket = Buffer.from(randomBytes(secretBytes)).toString('base64url')
  await store.tickets.create({
    ...ticketKey(ticket, client),
    userId: user.id,
    nameKey: null,
    payload: JSON.stringify({ version: user.version }),
    attemptsMax: triesMax + 1,
    ttlSeconds,
  })
  return { ticket, ways: waysOf(factors), expiresInSeconds: ttlSeconds }
}

function waysOf({ hasTotp, recoveryCodesLeft }: UserFactors): readonly CodeKind[] {
  return [
    ...(hasTotp ? (['totp'] as const) : []),
    ...(recoveryCodesLeft > 0 ? (['recovery'] as const) : []),
  ]
}

function ticketKey(ticket: string, client: ClientRecord): TicketKey {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  return {
    purpose: 'login_factor',
    hash: hash(ticket),
    browserHash: hash(JSON.stringify([ticket, client.internalId])),
  }
}

/** A ticket and a code, as a program sends them. */
export interface SentCode {
  readonly ticket: string
  readonly kind: CodeKind
  readonly typed: string
}

/** Reads the members of a request with a ticket; `undefined` for others than these, or of other types. */
export function readSentCode(members: JsonObject): SentCode | undefined {
  const { ticket, code, way = 'totp', username, password, client_id: clientId } = members
  if (username !== undefined || password !== undefined || clientId !== undefined) return undefined
  if (typeof ticket !== 'string' || typeof code !== 'string') return undefined
  if (way !== 'totp' && way !== 'recovery') return undefined
  return { ticket, kind: way, typed: code }
}

/** Spends the ticket and the code in one transaction, and gives the user. */
export async function redeemCode(
  { ticket, kind, typed }: SentCode,
  client: ClientRecord,
  request: HttpRequest,
  services: Pick<Services, 'mail' | 'now'> & { readonly userLogin: UserLogin },
): Promise<
  { readonly user: VerifiedUser } | { readonly refusal: LoginCodeRefusal; readonly userId?: string }
> {
  const { store, secondFactors } = services.userLogin
  const expired = { refusal: { reason: 'ticket_expired' } } as const
  if (ticket.length !== secretLength) return expired
  const key = ticketKey(ticket, client)
  const counted = await store.tickets.countTry(key)
  if (counted.outcome !== 'counted' || counted.ticket.userId === null) return expired
  const { userId, payload, triesLeft } = counted.ticket
  const user = await store.users.find(userId)
  const { version } = JSON.parse(payload)
  // Another version says that the password or the account changed since the password was right.
  if (user?.status !== 'active' || user.version !== version) return expired
  const { address, requestId } = request
  const checked = await secondFactors.check({ userId, kind, typed, address })
  if (!checked.ok) return { refusal: refusalOf(checked.refusal, triesLeft), userId }
  const use = checked.value
  const lang = chooseLanguage({ acceptLanguage: request.headers['accept-language'] })
  const { recoveryCodesLeft } = await store.users.factors(userId)
  const mails =
    kind === 'totp'
      ? []
      : composeNotices({ user, request, lang }, services, (origin) => ({
          template: 'recovery_used',
          args: {
            ...origin,
            codesLeft: Math.max(0, recoveryCodesLeft - 1),
            link: '/account/security/recovery-codes',
          },
        }))
  const audit = { requestId, address, actor: `user:${userId}` }
  const outcome = await store.factors.redeem(key, use, mails, audit)
  return outcome === 'redeemed' ? { user: verifiedUser(user) } : expired
}

function refusalOf(refusal: CodeRefusal, triesLeft: number): LoginCodeRefusal {
  switch (refusal.reason) {
    case 'code_malformed':
    case 'code_wrong':
      return triesLeft === 0 ? { reason: 'ticket_expired' } : { reason: refusal.reason, triesLeft }
    case 'code_used':
    case 'too_many_codes':
      return refusal
  }
}
