import type { EpochSeconds } from '@countersign/jwt'
import { judgeFreshProof } from '../sessions/fresh-proof.ts'
import type { SignedInVisitor } from './with-fresh-visitor.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import type { SecurityDone } from '../pages/security-page.ts'
import { sessionsPerUserMax } from '../store/port/session-verbs.ts'
import { accountAddress } from '../pages/account-address.ts'
import { accountPageHandler, type AccountServices } from './account-visitor.ts'
import { readFactorFacts } from './factor-facts.ts'
import { defineEndpoint } from './endpoint.ts'
import { accountAnswers, languageParameter } from './account-reference.ts'
import { servicesOf } from './services-of.ts'
import { readPasskeys } from './read-passkeys.ts'
import { languageOf, redirectTo } from './visitor.ts'

/** Leads to the first page of the account. */
export const accountEndpoint = defineEndpoint({
  method: 'GET',
  path: '/account',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Leads to the first page of the account.',
    parameters: [languageParameter],
    answers: [{ status: 303, about: 'The first page.', headers: ['Location'] }],
  },
  make: () => (request) => {
    const lang = languageOf(request, new URLSearchParams(request.query).get('lang'))
    return redirectTo(accountAddress('/account/security', lang))
  },
})

/** Shows the password, the second factor and the passkeys. */
export const securityPageEndpoint = defineEndpoint({
  method: 'GET',
  path: '/account/security',
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary:
      'Shows the password, the second factor and the passkeys of the person who is signed in.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, {}, async ({ request, visitor, frame, lang }) => {
      const { store, loadPages } = servicesOf(services)
      const pages = await loadPages()
      const { userId } = visitor.found.record
      const query = new URLSearchParams(request.query)
      const state = {
        ...frame,
        password: { setAt: (await store.users.findPassword(userId))?.setAt },
        passkeys: await readPasskeys(request, userId, services),
        factors: await readFactorFacts(visitor, query, store),
        done: readDone(query),
        needsProof: !isProofFresh(visitor, services.now()),
      }
      return pages.security(state, lang)
    }),
})

/** Reads the act that led here: the count of other devices that a new password signed out. */
function readDone(query: URLSearchParams): SecurityDone | undefined {
  const others = Number(query.get('changed') ?? Number.NaN)
  if (!Number.isInteger(others) || others < 0 || others >= sessionsPerUserMax) return undefined
  return { act: 'password_changed', others }
}

function isProofFresh({ found, factors }: SignedInVisitor, now: EpochSeconds): boolean {
  const accountLevel = accountLevelOf(factors)
  return judgeFreshProof({ ...found.record, accountLevel, now }) === 'fresh'
}
