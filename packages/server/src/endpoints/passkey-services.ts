import type { Passkeys } from '../passkeys/passkey-types.ts'

/** Passkeys, for the routes of browsers. */
export interface BrowserPasskeys extends Passkeys {
  /** Counts a challenge for one network. Units: gives the seconds to wait, 0 for none. */
  readonly countChallenge: (network: string) => Promise<number>
}
