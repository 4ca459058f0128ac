import type { PasskeyRecord } from '../store/port/passkey-verbs.ts'

/** The rule for a passkey that cannot leave its device, and whose counter did not rise. */
export type CopyRule = 'refuse' | 'lower'

/** `rises`: nothing is wrong. `admit`: a sign for the log. `lower`: the passkey proves one factor. */
export type CounterVerdict = 'rises' | 'admit' | 'lower' | 'refuse'

/**
 * Judges the counter of a use. Pure.
 * Why a synced passkey is admitted: its copies share no counter, so the counter tells nothing about it.
 * Source: Web Authentication Level 3 §6.1.1 and §7.2 step 22 (a signal, not a proof).
 */
export function judgeCounter(
  { counter: was, isBackupEligible }: Pick<PasskeyRecord, 'counter' | 'isBackupEligible'>,
  counter: number,
  rule: CopyRule,
): CounterVerdict {
  if (counter > was || (counter === 0 && was === 0)) return 'rises'
  return isBackupEligible ? 'admit' : rule
}
