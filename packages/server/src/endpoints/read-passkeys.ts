import type { HttpRequest } from '../http/exchange.ts'
import type { PasskeyChange, PasskeysFacts } from '../pages/security/passkeys-card.ts'
import type { PasskeyRecord } from '../store/port/passkey-verbs.ts'
import type { UserId } from '../store/port/user-records.ts'
import type { AccountServices } from './account-visitor.ts'
import { acceptedPasskeys } from './passkey-offer.ts'
import { servicesOf } from './services-of.ts'

/** Reads the passkeys of a person for the security page; `undefined` where the issuer has no domain for them. */
export async function readPasskeys(
  { query }: Pick<HttpRequest, 'query'>,
  userId: UserId,
  services: AccountServices,
): Promise<PasskeysFacts | undefined> {
  const { passkeys, store } = servicesOf(services)
  const list = await store.passkeys.listOf(userId)
  if (passkeys === undefined || list === undefined) return undefined
  return {
    passkeys: list.passkeys.map(shownOf),
    now: services.now(),
    change: readChange(new URLSearchParams(query), list.passkeys),
    signal: acceptedPasskeys(passkeys, list),
  }
}

function shownOf(passkey: PasskeyRecord): PasskeysFacts['passkeys'][number] {
  const { credentialId, name, createdAt, usedAt, isBackupEligible, hasVerifiedUser } = passkey
  return {
    credentialId,
    name,
    isSynced: isBackupEligible,
    isWayIn: hasVerifiedUser,
    createdAt,
    // Its making is no use to a person.
    usedAt: usedAt === createdAt ? null : usedAt,
  }
}

/** Reads the act that led here. An id that the person does not have is ignored, because anybody can write an address. */
function readChange(
  query: URLSearchParams,
  passkeys: readonly PasskeyRecord[],
): PasskeyChange | undefined {
  if (query.get('removed') === 'passkey') return { did: 'removed' }
  for (const did of ['added', 'renamed'] as const) {
    const passkey = passkeys.find(({ credentialId }) => credentialId === query.get(did))
    if (passkey !== undefined)
      return { did, name: passkey.name, credentialId: passkey.credentialId }
  }
  return undefined
}
