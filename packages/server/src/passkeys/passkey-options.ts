import { encodeBase64url } from '@countersign/jwt'
import type { PasskeyRecord } from '../store/port/passkey-verbs.ts'
import { passkeyAlgorithms } from './passkey-algorithms.ts'
import type { RelyingParty } from './relying-party.ts'

/** How long a browser may ask its user. Units: milliseconds. */
const askMs = 300_000

/** A passkey that a request names. */
export interface NamedPasskey {
  readonly type: 'public-key'
  readonly id: string
  readonly transports: readonly string[]
}

/** Options as `PublicKeyCredential.parseRequestOptionsFromJSON` reads them. */
export interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
  readonly timeout: number
  readonly userVerification: 'required' | 'preferred'
  readonly allowCredentials: readonly NamedPasskey[]
}

/** Options as `PublicKeyCredential.parseCreationOptionsFromJSON` reads them. */
export interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id: string; readonly name: string }
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string }
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[]
  readonly timeout: number
  readonly excludeCredentials: readonly NamedPasskey[]
  readonly authenticatorSelection: {
    readonly residentKey: 'required'
    readonly requireResidentKey: true
    readonly userVerification: 'preferred'
  }
  readonly attestation: 'none'
}

/**
 * Asks for any passkey of this service. Pure.
 * Why it names none: a list would show whether a name has an account.
 */
export function optionsToSignIn(challenge: string, { id }: RelyingParty): RequestOptions {
  const rest = { timeout: askMs, userVerification: 'required', allowCredentials: [] } as const
  return { challenge, rpId: id, ...rest }
}

/** Asks for one of the passkeys of a user who is known. Pure. */
export function optionsToConfirm(
  challenge: string,
  { id }: RelyingParty,
  passkeys: readonly PasskeyRecord[],
): RequestOptions {
  const allowCredentials = passkeys.map(named)
  return { challenge, rpId: id, timeout: askMs, userVerification: 'preferred', allowCredentials }
}

/** The user who gets a passkey. */
interface PasskeyUser {
  readonly handle: Uint8Array
  readonly name: string
  readonly displayName: string
  readonly passkeys: readonly PasskeyRecord[]
}

/**
 * Asks for a new passkey that the browser can find by itself. Pure.
 * Why verification is only preferred: a browser that makes a passkey after a sign-in by password verifies nobody.
 */
export function optionsToAdd(
  challenge: string,
  { id, name }: RelyingParty,
  user: PasskeyUser,
): CreationOptions {
  const { displayName } = user
  return {
    challenge,
    rp: { id, name },
    user: { id: encodeBase64url(user.handle), name: user.name, displayName },
    pubKeyCredParams: passkeyAlgorithms.map(({ alg }) => ({ type: 'public-key', alg })),
    timeout: askMs,
    excludeCredentials: user.passkeys.map(named),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'preferred',
    },
    attestation: 'none',
  }
}

function named({ credentialId: id, transports }: PasskeyRecord): NamedPasskey {
  return { type: 'public-key', id, transports }
}
