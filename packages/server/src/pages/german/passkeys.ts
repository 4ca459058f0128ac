import type { englishPasskeys } from '../english/passkeys.ts'
import type { Translation } from '../texts.ts'

/** The texts of passkeys. */
export const germanPasskeys: Translation<typeof englishPasskeys> = {
  usePasskey: 'Passkey verwenden',
}
