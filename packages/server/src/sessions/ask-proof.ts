import { accountLevelOf, type FactorUse, type UserFactors } from '../store/port/factor-records.ts'

/** The proofs that a user is asked for, by the factors of the account. */
export interface AskedProof {
  readonly password: boolean
  /** The code that is asked for next to the password. */
  readonly code: FactorUse['kind'] | undefined
  /** Every way that the user has. */
  readonly ways: { readonly totp: boolean; readonly recovery: boolean; readonly passkey: boolean }
}

/**
 * Decides which proofs bring a user to the level of the account: the password alone at level 1, a code next to it at level
 * 2. Where no such pair is there, only a passkey is left. Pure.
 */
export function askProof(factors: UserFactors, wish: FactorUse['kind'] | undefined): AskedProof {
  const { hasPassword, hasTotp, recoveryCodesLeft, passkeys } = factors
  const isStrong = accountLevelOf(factors) === '2'
  const hasPair = hasPassword && isStrong
  const totp = hasTotp && hasPair
  const recovery = recoveryCodesLeft > 0 && hasPair
  const ways = { totp, recovery, passkey: passkeys > 0 }
  if (!isStrong) return { password: hasPassword, code: undefined, ways }
  const code = chooseCode(wish, ways)
  return { password: code !== undefined, code, ways }
}

function chooseCode(
  wish: FactorUse['kind'] | undefined,
  { totp, recovery, passkey }: AskedProof['ways'],
): FactorUse['kind'] | undefined {
  if (wish === 'recovery' && recovery) return 'recovery'
  if (totp) return 'totp'
  // A passkey comes before the codes, which are few.
  return recovery && !passkey ? 'recovery' : undefined
}
