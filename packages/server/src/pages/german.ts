import { germanAccount } from './german/account.ts'
import { germanApps } from './german/apps.ts'
import { germanAddresses } from './german/addresses.ts'
import { germanBase } from './german/base.ts'
import { germanPasskeys } from './german/passkeys.ts'
import { germanProof } from './german/proof.ts'
import { germanWelcome } from './german/welcome.ts'
import type { Catalogue } from './texts.ts'

/** The texts of all pages in German. `{…}` is a value. */
export const german: Catalogue = {
  ...germanBase,
  ...germanAddresses,
  ...germanProof,
  ...germanPasskeys,
  ...germanAccount,
  ...germanApps,
  ...germanWelcome,
}
