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
import {
  confirmPasskeyEndpoint,
  confirmPasskeyOptionsEndpoint,
  confirmPasskeyPageEndpoint,
} from './passkey-confirm.ts'
import {
  passkeyFactorEndpoint,
  passkeyFactorOptionsEndpoint,
  passkeyFactorPageEndpoint,
} from './passkey-second-factor.ts'
import { passkeyOptionsEndpoint, passkeySignInEndpoint } from './passkey-sign-in.ts'
import { changePasswordAddressEndpoint, passkeyAddressesEndpoint } from './passkey-well-known.ts'

/** The endpoints of passkeys, and of password managers. */
export const passkeyRows: readonly EndpointRow[] = [
  passkeyAddressesEndpoint,
  changePasswordAddressEndpoint,
  passkeyOptionsEndpoint,
  passkeySignInEndpoint,
  passkeyFactorPageEndpoint,
  passkeyFactorEndpoint,
  passkeyFactorOptionsEndpoint,
  confirmPasskeyPageEndpoint,
  confirmPasskeyEndpoint,
  confirmPasskeyOptionsEndpoint,
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
