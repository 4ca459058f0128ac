import type * as Library from '@simplewebauthn/server'
import type * as Helpers from '@simplewebauthn/server/helpers'

/** The functions of the library that this room uses. */
export type PasskeyLibrary = Pick<
  typeof Library,
  'verifyAuthenticationResponse' | 'verifyRegistrationResponse'
> &
  Pick<
    typeof Helpers,
    'decodeAttestationObject' | 'decodeCredentialPublicKey' | 'isoCBOR' | 'parseAuthenticatorData'
  >

let loaded: Promise<PasskeyLibrary> | undefined

/** Loads the library with the first passkey. Why: it costs a tenth of a second and 28 MB, which few services need. */
export function loadPasskeyLibrary(): Promise<PasskeyLibrary> {
  return (loaded ??= load())
}

async function load(): Promise<PasskeyLibrary> {
  const [library, helpers] = await Promise.all([
    import('@simplewebauthn/server'),
    import('@simplewebauthn/server/helpers'),
  ])
  return { ...library, ...helpers }
}

/** Gives the result of the library; `undefined` where it throws, as it does for a response that is not right. */
export async function tryTo<T>(verify: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await verify()
  } catch {
    return undefined
  }
}
