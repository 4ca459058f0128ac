import type { Config } from '../config/config.ts'
import { passwordLengthMin, type PasswordRules } from '../users/password-rules.ts'
import { readBlocklist } from '../users/read-blocklist.ts'
import { readText } from './read-text.ts'

/** Reads the rules of new passwords. Throws: a start fault for a file that cannot be read. */
export function loadPasswordRules(
  config: Pick<Config, 'passwordBlocklist' | 'passwordLengthMinUnsafe'>,
): PasswordRules {
  const lengthMin = config.passwordLengthMinUnsafe ?? passwordLengthMin
  const file = config.passwordBlocklist
  return {
    lengthMin,
    listed: file === undefined ? new Set() : readBlocklist(readText(file), lengthMin),
  }
}
