import type { LoadPages } from '../pages/load-pages.ts'
import type { BrowserSessions } from '../sessions/session-types.ts'
import type { BrowserValues } from '../sessions/browser-values.ts'
import type { CookieJar } from '../sessions/cookies.ts'
import type { Store } from '../store/port/store.ts'
import type { MakePassword } from '../users/make-password.ts'
import type { SecondFactors } from '../users/factors/second-factors.ts'
import type { SignIn } from '../users/sign-in.ts'

/** The services of the routes for browsers. */
export interface BrowserServices {
  /** The origin of the issuer. Forms of other origins are refused. */
  readonly origin: string
  /** The client of all sessions. */
  readonly clientId: string
  readonly sessions: BrowserSessions
  readonly cookies: CookieJar
  readonly values: BrowserValues
  readonly signIn: SignIn
  readonly makePassword: MakePassword
  /** The least length of new passwords. Units: code points. */
  readonly passwordLengthMin: number
  readonly secondFactors: SecondFactors
  /** The name of the service, as code apps show it. */
  readonly siteName: string
  readonly loadPages: LoadPages
  /** The verbs of the account pages. */
  readonly store: Pick<Store, 'account' | 'factors' | 'sessions' | 'tickets' | 'users'>
}
