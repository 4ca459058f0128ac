import { decodeBase64url, encodeBase64url, ok, refuse, type Result } from '@countersign/jwt'
import type { NewPasskey } from '../store/port/passkey-verbs.ts'
import { loadPasskeyLibrary, tryTo, type PasskeyLibrary } from './load-library.ts'
import { algorithmOf, passkeyAlgorithms } from './passkey-algorithms.ts'
import type { PostedRegistration } from './read-response.ts'
import { isFromOwnOrigin, type RelyingParty } from './relying-party.ts'

export type RegistrationRefusal =
  | { readonly reason: 'origin_wrong' }
  | { readonly reason: 'algorithm_refused' }
  | { readonly reason: 'response_wrong' }

/** A new passkey whose response was verified, without its name. */
export type VerifiedRegistration = Omit<NewPasskey, 'name' | 'wasAsked'>

/** Units: bytes. An RSA key of 4,096 bits has 540. */
const publicKeyBytesMax = 1_024

/**
 * Verifies the response for a new passkey.
 * Refuses: `origin_wrong`, `algorithm_refused`, `response_wrong`.
 * Not checked: the maker of the authenticator. The statement about that is removed before it is verified, so a
 * certificate in it means nothing. Nor the challenge: the caller has spent its ticket.
 * Why presence may be absent: a browser that makes a passkey after a sign-in by password asks nobody.
 * Source: Web Authentication Level 3 §7.1.
 */
export async function verifyRegistration(
  posted: PostedRegistration,
  party: RelyingParty,
  needsPresence: boolean,
): Promise<Result<VerifiedRegistration, RegistrationRefusal>> {
  const { clientData, credentialId: id, transports } = posted
  if (!isFromOwnOrigin(clientData, party)) return refuse({ reason: 'origin_wrong' })
  const library = await loadPasskeyLibrary()
  const attested = await tryTo(() => openAttestation(posted.attestationObject, library))
  if (attested === undefined) return refuse({ reason: 'response_wrong' })
  if (attested.alg === undefined) return refuse({ reason: 'algorithm_refused' })
  const verified = await tryTo(() =>
    library.verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: posted.clientDataJson,
          attestationObject: attested.withoutStatement,
        },
      },
      expectedChallenge: clientData.challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserPresence: needsPresence,
      requireUserVerification: false,
      supportedAlgorithmIDs: passkeyAlgorithms.map(({ alg }) => alg),
    }),
  )
  if (verified?.verified !== true) return refuse({ reason: 'response_wrong' })
  const { credential, aaguid, userVerified, ...info } = verified.registrationInfo
  if (credential.id !== id || credential.publicKey.length > publicKeyBytesMax)
    return refuse({ reason: 'response_wrong' })
  return ok({
    credentialId: id,
    publicKey: Uint8Array.from(credential.publicKey),
    alg: attested.alg,
    counter: credential.counter,
    hasVerifiedUser: userVerified,
    isBackupEligible: info.credentialDeviceType === 'multiDevice',
    isBackedUp: info.credentialBackedUp,
    transports,
    aaguid,
  })
}

interface OpenedAttestation {
  readonly alg: number | undefined
  /** The same object with the statement "none". */
  readonly withoutStatement: string
}

/** Throws: where the bytes are no attestation object with a public key. */
function openAttestation(
  encoded: string,
  {
    decodeAttestationObject,
    decodeCredentialPublicKey,
    parseAuthenticatorData,
    isoCBOR,
  }: PasskeyLibrary,
): OpenedAttestation {
  const bytes = decodeBase64url(encoded)
  if (bytes === undefined) throw new TypeError('the attestation object is no base64url')
  const authData = decodeAttestationObject(bytes).get('authData')
  const { credentialPublicKey } = parseAuthenticatorData(authData)
  if (credentialPublicKey === undefined) throw new TypeError('the response has no public key')
  const bare = new Map<string, string | Uint8Array | Map<string, string>>([
    ['fmt', 'none'],
    ['attStmt', new Map<string, string>()],
    ['authData', authData],
  ])
  return {
    alg: algorithmOf(decodeCredentialPublicKey(credentialPublicKey)),
    withoutStatement: encodeBase64url(isoCBOR.encode(bare)),
  }
}
