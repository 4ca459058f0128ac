import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { confirmAddress, type ProofReason } from '../pages/confirm-address.ts'
import type { Language } from '../pages/language.ts'
import { signInAddress } from '../pages/sign-in-address.ts'
import { hasLevel, judgeFreshProof } from '../sessions/fresh-proof.ts'
import type { FoundSession } from '../sessions/session-types.ts'
import { accountLevelOf, type UserFactors } from '../store/port/factor-records.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { languageOf, readVisitor, redirectTo, type Visitor } from './visitor.ts'

/** A visitor with a session at the level of the account. */
export interface SignedInVisitor extends Visitor {
  readonly browser: string
  readonly found: FoundSession
  /** The ways of the user to sign in. */
  readonly factors: UserFactors
  /** The language of the query, else of the browser. A form may name another. */
  readonly lang: Language
}

export type VisitorServices = Pick<Services, 'browserServices' | 'now'>
type SignedInHandler = (request: HttpRequest, visitor: SignedInVisitor) => Promise<HttpReply>

interface ProofNeeds {
  /** The act that the page names. */
  readonly why: ProofReason
  /** The page to which a browser returns after a proof. Default: the requested path, with its query. */
  readonly returnTo?: string
}

/**
 * Makes a handler for which a user has proven to be there a moment ago, at the highest level of the account. Every change
 * of credentials, addresses or other sessions, an export and a deletion need it. Others go to the sign-in or to a new proof.
 * Not checked: where a form comes from, and its value.
 */
export function withFreshVisitor(
  services: VisitorServices,
  needs: ProofNeeds,
  handle: SignedInHandler,
) {
  return withSignedIn(services, needs, 'proof', handle)
}

/**
 * Makes a handler for a user whose session has the level of the account, however long ago. Pages of the account that
 * change nothing need it.
 */
export function withAccountVisitor(
  services: VisitorServices,
  handle: SignedInHandler,
  returnTo?: string,
) {
  const needs = { why: 'account', ...(returnTo === undefined ? {} : { returnTo }) } as const
  return withSignedIn(services, needs, 'level', handle)
}

function withSignedIn(
  services: VisitorServices,
  { why, returnTo: page }: ProofNeeds,
  needs: 'level' | 'proof',
  handle: SignedInHandler,
) {
  return async (request: HttpRequest): Promise<HttpReply> => {
    const browser = servicesOf(services)
    const visitor = await readVisitor(request, browser)
    const { found, browser: secret } = visitor
    const returnTo = page ?? request.url
    if (found === undefined || secret === undefined) return redirectTo(signInAddress({ returnTo }))
    const { record } = found
    const factors = await browser.store.users.factors(record.userId)
    const accountLevel = accountLevelOf(factors)
    const isEnough =
      needs === 'level'
        ? hasLevel(record.acr, accountLevel)
        : judgeFreshProof({ ...record, accountLevel, now: services.now() }) === 'fresh'
    if (!isEnough) return redirectTo(confirmAddress({ returnTo, why }))
    const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
    return handle(request, { ...visitor, browser: secret, found, factors, lang })
  }
}
