import { englishAccount } from './english/account.ts'
import { englishApps } from './english/apps.ts'
import { englishAddresses } from './english/addresses.ts'
import { englishBase } from './english/base.ts'
import { englishPasskeys } from './english/passkeys.ts'
import { englishProof } from './english/proof.ts'
import { englishWelcome } from './english/welcome.ts'

/** The texts of all pages in English. `{…}` is a value. */
export const english = {
  ...englishBase,
  ...englishAddresses,
  ...englishProof,
  ...englishPasskeys,
  ...englishAccount,
  ...englishApps,
  ...englishWelcome,
} as const
