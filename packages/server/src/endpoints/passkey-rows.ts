import {
  addPasskeyEndpoint,
  addPasskeyOptionsEndpoint,
  addPasskeyPageEndpoint,
  removePasskeyEndpoint,
  removePasskeyPageEndpoint,
  renamePasskeyEndpoint,
  renamePasskeyPageEndpoint,
} from './account-passkeys.ts'
import type { EndpointRow } from './endpoint.ts'
import {
  addOfferedPasskeyEndpoint,
  offeredOptionsEndpoint,
  passkeyOfferPageEndpoint,
  postponePasskeyEndpoint,
  unaskedOptionsEndpoint,
} from './passkey-offer.ts'
import { passkeyOptionsEndpoint, passkeySignInEndpoint } from './passkey-sign-in.ts'

/** The endpoints of passkeys. */
export const passkeyRows: readonly EndpointRow[] = [
  passkeyOptionsEndpoint,
  passkeySignInEndpoint,
  passkeyOfferPageEndpoint,
  postponePasskeyEndpoint,
  offeredOptionsEndpoint,
  unaskedOptionsEndpoint,
  addOfferedPasskeyEndpoint,
  addPasskeyPageEndpoint,
  addPasskeyEndpoint,
  addPasskeyOptionsEndpoint,
  renamePasskeyPageEndpoint,
  renamePasskeyEndpoint,
  removePasskeyPageEndpoint,
  removePasskeyEndpoint,
]
