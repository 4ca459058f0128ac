import type { LoadPages } from '../pages/load-pages.ts'
import type { BrowserSessions } from '../sessions/session-types.ts'
import type { BrowserValues } from '../sessions/browser-values.ts'
import type { CookieJar } from '../sessions/cookies.ts'
import type { SignUpRule } from '../config/sign-up-rule.ts'
import type { CountSignUp } from '../limits/sign-up-limits.ts'
import type { MailSecretMaker } from '../sessions/mail-secrets.ts'
import type { UserId } from '../store/port/user-records.ts'
import type { Store } from '../store/port/store.ts'
import type { MakePassword } from '../users/make-password.ts'
import type { SecondFactors } from '../users/factors/second-factors.ts'
import type { SignIn } from '../users/sign-in.ts'
import type { BrowserPasskeys } from './passkey-services.ts'

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
  /** Absent where the issuer is a bare address, because passkeys need a domain. */
  readonly passkeys: BrowserPasskeys | undefined
  /** The name of the service, as code apps show it. */
  readonly siteName: string
  readonly loadPages: LoadPages
  /** The verbs of the account pages. */
  readonly store: Pick<
    Store,
    | 'account'
    | 'audit'
    | 'consents'
    | 'factors'
    | 'passkeys'
    | 'proofs'
    | 'sessions'
    | 'tickets'
    | 'users'
  >
  /** The people who may make an account on the pages. */
  readonly signUp: SignUpRule
  readonly countSignUp: CountSignUp
  readonly mailSecrets: MailSecretMaker
  /** Makes the ids of a user to be made. */
  readonly newUserId: () => { readonly id: UserId; readonly handle: Uint8Array }
  /** Whether a typed text is the password that the user has now. A full queue says no. */
  readonly isPasswordOf: (id: UserId, typed: string) => Promise<boolean>
}
