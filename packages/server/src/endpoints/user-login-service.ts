import type { MaybePromise } from '../maybe-promise.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import type { SecondFactors } from '../users/factors/second-factors.ts'
import type { SignIn } from '../users/sign-in.ts'

/** The sign-in of users at the login route. */
export interface UserLogin {
  /** The origin of the issuer. Pages of others may not sign anybody in. */
  readonly origin: string
  readonly signIn: SignIn
  readonly secondFactors: SecondFactors
  readonly store: Pick<Store, 'factors' | 'tickets' | 'users'>
  readonly randomBytes: (length: number) => Uint8Array
  /** Gives the client that the sign-in is for, as it is now. */
  readonly client: () => MaybePromise<ClientRecord | undefined>
}
