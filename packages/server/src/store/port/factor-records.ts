/** The ways of a user to sign in. */
export interface UserFactors {
  readonly hasPassword: boolean
  /** Whether an app of the user makes codes (RFC 6238), which the user has confirmed. */
  readonly hasTotp: boolean
  readonly recoveryCodesLeft: number
  readonly passkeys: number
  /** The passkeys that have verified their user once, by a finger or a PIN. */
  readonly passkeysWithUv: number
}

/** A code that works once: the time step of a code app, or the hash of a recovery code. */
export type FactorUse =
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery'; readonly hash: string }
