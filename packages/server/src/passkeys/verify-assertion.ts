import { ok, refuse, type Result } from '@countersign/jwt'
import type { PasskeyRecord } from '../store/port/passkey-verbs.ts'
import { loadPasskeyLibrary, tryTo } from './load-library.ts'
import type { PostedAssertion } from './read-response.ts'
import { isFromOwnOrigin, type RelyingParty } from './relying-party.ts'

export type AssertionRefusal =
  | { readonly reason: 'origin_wrong' }
  | { readonly reason: 'response_wrong' }

/** The facts that a verified use reports. */
export interface VerifiedAssertion {
  readonly counter: number
  readonly isUserVerified: boolean
  readonly isBackedUp: boolean
}

/**
 * Verifies a use of a passkey: origin, domain, presence and signature.
 * Refuses: `origin_wrong`, `response_wrong`.
 * Not checked: the counter, which `judgeCounter` judges, and whether the user was verified. Nor the challenge: the caller
 * has spent its ticket.
 * Source: Web Authentication Level 3 §7.2.
 */
export async function verifyAssertion(
  posted: PostedAssertion,
  passkey: PasskeyRecord,
  party: RelyingParty,
): Promise<Result<VerifiedAssertion, AssertionRefusal>> {
  const { clientData, credentialId: id } = posted
  if (!isFromOwnOrigin(clientData, party)) return refuse({ reason: 'origin_wrong' })
  const { verifyAuthenticationResponse } = await loadPasskeyLibrary()
  const verified = await tryTo(() =>
    verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: posted.clientDataJson,
          authenticatorData: posted.authenticatorData,
          signature: posted.signature,
        },
      },
      expectedChallenge: clientData.challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: false,
      // With 0 the library accepts each counter.
      credential: { id, publicKey: Uint8Array.from(passkey.publicKey), counter: 0 },
    }),
  )
  if (verified?.verified !== true) return refuse({ reason: 'response_wrong' })
  const { newCounter, userVerified, ...info } = verified.authenticationInfo
  const isBackupEligible = info.credentialDeviceType === 'multiDevice'
  // A passkey never changes whether it may leave its device.
  if (isBackupEligible !== passkey.isBackupEligible) return refuse({ reason: 'response_wrong' })
  const { credentialBackedUp: isBackedUp } = info
  return ok({ counter: newCounter, isUserVerified: userVerified, isBackedUp })
}
