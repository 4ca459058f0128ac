import { isIP } from 'node:net'
import { createLimiter } from '../clients/limiter.ts'
import { defaults } from '../config/defaults.ts'
import type { BrowserPasskeys } from '../endpoints/passkey-services.ts'
import { createPasskeys } from '../passkeys/create-passkeys.ts'
import type { Store } from '../store/port/store.ts'
import type { PageSettings } from './page-settings.ts'
import type { System } from './system.ts'

/** Makes the passkeys of browsers; absent where the issuer is a bare address, because passkeys need a domain. */
export function browserPasskeysOf({
  issuer,
  pages,
  store,
  system,
}: {
  readonly issuer: string
  readonly pages?: PageSettings | undefined
  readonly store: Store
  readonly system: System
}): BrowserPasskeys | undefined {
  const { origin, host, hostname } = new URL(issuer)
  if (isIP(hostname) !== 0 || hostname.startsWith('[')) return undefined
  const passkeys = createPasskeys({
    party: { id: hostname, name: pages?.name ?? host, origin },
    store,
    copyRule: 'refuse',
    randomBytes: system.randomBytes,
  })
  return { ...passkeys, countChallenge: createLimiter(defaults.passkeyChallengesPerMinute) }
}
