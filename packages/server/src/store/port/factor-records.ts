/** A level of proof: `1` for one factor, `2` for two, or for a passkey that verifies its user. */
export type Level = '1' | '2'

/** The ways of a user to sign in. */
export interface UserFactors {
  readonly hasPassword: boolean
  /** Whether an app of the user makes codes (RFC 6238), which the user has confirmed. */
  readonly hasTotp: boolean
  readonly recoveryCodesLeft: number
  /** The passkeys that were used, also those that only confirm another factor. */
  readonly passkeys: number
  /** The passkeys that have verified their user once, by a finger or a PIN. */
  readonly passkeysWithUv: number
}

/** A code that works once: the time step of a code app, or the hash of a recovery code. */
export type FactorUse =
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery'; readonly hash: string }

/**
 * Gives the highest level that an account can prove: 2 as soon as it has a second factor. Pure.
 * Why a passkey without a verified user and without a password counts for 1: such an account has no second factor.
 */
export function accountLevelOf(factors: UserFactors): Level {
  const { hasPassword, hasTotp, passkeys, passkeysWithUv } = factors
  if (passkeysWithUv > 0) return '2'
  const kinds = [hasPassword, hasTotp, passkeys > 0].filter(Boolean)
  return kinds.length > 1 ? '2' : '1'
}
