import type { PasskeyRecord } from '../store/port/passkey-verbs.ts'

/** Gives the methods that a passkey proves: a key in hardware or in software, and a user who is there. Source: RFC 8176 §2. */
export function methodsOf({
  isBackupEligible,
}: Pick<PasskeyRecord, 'isBackupEligible'>): readonly ('hwk' | 'swk' | 'user')[] {
  return [isBackupEligible ? 'swk' : 'hwk', 'user']
}
