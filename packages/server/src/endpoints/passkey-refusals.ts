import type { HttpRequest } from '../http/exchange.ts'
import type { PasskeyTrouble } from '../pages/sign-in-passkey.ts'
import type { PasskeyRefusal, RefusedPasskey } from '../passkeys/passkey-types.ts'
import type { BrowserPasskeys } from './passkey-services.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'

/** Gives the trouble of a refused passkey for its page. */
export function passkeyTroubleOf(
  refused: PasskeyRefusal,
  { party }: Pick<BrowserPasskeys, 'party'>,
): PasskeyTrouble {
  switch (refused.reason) {
    case 'passkey_unknown':
      return { reason: 'passkey_unknown', rpId: party.id, credentialId: refused.credentialId }
    case 'challenge_unknown':
      return { reason: 'passkey_late' }
    case 'user_not_verified':
      return { reason: 'passkey_unverified' }
    case 'response_malformed':
    case 'origin_wrong':
    case 'response_wrong':
    case 'passkey_of_other':
    case 'user_disabled':
    case 'passkey_copied':
    case 'passkey_used_meanwhile':
      return { reason: 'passkey_refused' }
  }
}

/** Writes why the passkey of a known user was refused. */
export function noteRefusedPasskey(
  { refusal: { reason }, user }: RefusedPasskey,
  { address, requestId }: HttpRequest,
  services: Pick<Services, 'browserServices' | 'collector'>,
): void {
  if (user === undefined) return
  const { clientId } = servicesOf(services)
  const facts = { clientId, userId: user.id, reason, count: 1, requestId, address, actor: null }
  services.collector.add({ event: 'sign_in_refused', ...facts })
}
