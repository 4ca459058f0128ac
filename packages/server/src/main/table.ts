import {
  devicesPageEndpoint,
  endDeviceEndpoint,
  endOthersEndpoint,
  endOthersPageEndpoint,
} from '../endpoints/account-devices.ts'
import { appsPageEndpoint, removeAppEndpoint } from '../endpoints/account-apps.ts'
import { dataPageEndpoint, exportEndpoint, nameEndpoint } from '../endpoints/account-data.ts'
import {
  deletionEndpoint,
  deletionPageEndpoint,
  keepAccountEndpoint,
  waitingDeletionEndpoint,
} from '../endpoints/account-deletion.ts'
import { keepByLinkEndpoint, keepByLinkPageEndpoint } from '../endpoints/keep-by-link.ts'
import {
  changePasswordEndpoint,
  changePasswordPageEndpoint,
} from '../endpoints/account-password.ts'
import {
  addressAgainEndpoint,
  addressCodeEndpoint,
  addressCodePageEndpoint,
  addressesPageEndpoint,
  changeAddressEndpoint,
  changeAddressPageEndpoint,
} from '../endpoints/account-addresses.ts'
import { inviteEndpoint, invitePageEndpoint } from '../endpoints/invite.ts'
import {
  newPasswordEndpoint,
  newPasswordPageEndpoint,
  passwordSavedEndpoint,
} from '../endpoints/new-password.ts'
import {
  resetAgainEndpoint,
  resetCodeEndpoint,
  resetCodePageEndpoint,
  resetEndpoint,
  resetPageEndpoint,
} from '../endpoints/reset.ts'
import { signUpEndpoint, signUpPageEndpoint } from '../endpoints/sign-up.ts'
import { undoAddressEndpoint, undoAddressPageEndpoint } from '../endpoints/undo-address.ts'
import { verifyAgainEndpoint, verifyEndpoint, verifyPageEndpoint } from '../endpoints/verify.ts'
import { accountEndpoint, securityPageEndpoint } from '../endpoints/account-security.ts'
import {
  appCodeEndpoint,
  appCodePageEndpoint,
  removeAppCodeEndpoint,
  removeAppCodePageEndpoint,
} from '../endpoints/account-app-code.ts'
import { newCodesEndpoint, newCodesPageEndpoint } from '../endpoints/account-recovery-codes.ts'
import { confirmEndpoint, confirmPageEndpoint } from '../endpoints/confirm.ts'
import { decryptionKeysEndpoint } from '../endpoints/decryption-keys.ts'
import type { EndpointRow } from '../endpoints/endpoint.ts'
import { fewCodesEndpoint } from '../endpoints/few-codes.ts'
import { liveEndpoint, readyEndpoint } from '../endpoints/health.ts'
import { inboxEndpoint, inboxHtmlEndpoint } from '../endpoints/inbox.ts'
import { introspectEndpoint } from '../endpoints/introspect.ts'
import { jwksEndpoint } from '../endpoints/jwks.ts'
import { loginEndpoint } from '../endpoints/login.ts'
import { metadataEndpoint } from '../endpoints/metadata.ts'
import { metricsEndpoint } from '../endpoints/metrics.ts'
import { openapiEndpoint } from '../endpoints/openapi-endpoint.ts'
import { authorizeEndpoint, authorizeFormEndpoint } from '../endpoints/authorize.ts'
import { consentEndpoint, continueEndpoint } from '../endpoints/authorize-continue.ts'
import { userinfoEndpoint, userinfoFormEndpoint } from '../endpoints/userinfo.ts'
import { protectedEndpoint } from '../endpoints/protected.ts'
import {
  feedKeysEndpoint,
  feedPagesEndpoint,
  feedStreamEndpoint,
} from '../endpoints/revocations.ts'
import { revokeEndpoint } from '../endpoints/revoke.ts'
import { rootEndpoint } from '../endpoints/root.ts'
import {
  secondFactorEndpoint,
  secondFactorHelpEndpoint,
  secondFactorPageEndpoint,
} from '../endpoints/second-factor.ts'
import { sessionCheckEndpoint, sessionRenewEndpoint } from '../endpoints/session-renewal.ts'
import { signInEndpoint, signInPageEndpoint } from '../endpoints/sign-in.ts'
import { signOutEndpoint, signOutPageEndpoint } from '../endpoints/sign-out.ts'
import { statusListsEndpoint } from '../endpoints/status-lists.ts'
import { tokenEndpoint } from '../endpoints/token.ts'
import { passkeyRows } from '../endpoints/passkey-rows.ts'
import { welcomeEndpoint } from '../endpoints/welcome.ts'
import { readVersion } from './version.ts'

const rows: readonly EndpointRow[] = [
  rootEndpoint,
  loginEndpoint,
  protectedEndpoint,
  authorizeEndpoint,
  authorizeFormEndpoint,
  continueEndpoint,
  consentEndpoint,
  tokenEndpoint,
  userinfoEndpoint,
  userinfoFormEndpoint,
  revokeEndpoint,
  introspectEndpoint,
  decryptionKeysEndpoint,
  signInPageEndpoint,
  signInEndpoint,
  signOutPageEndpoint,
  signOutEndpoint,
  secondFactorPageEndpoint,
  secondFactorEndpoint,
  secondFactorHelpEndpoint,
  fewCodesEndpoint,
  appCodePageEndpoint,
  appCodeEndpoint,
  removeAppCodePageEndpoint,
  removeAppCodeEndpoint,
  newCodesPageEndpoint,
  newCodesEndpoint,
  confirmPageEndpoint,
  confirmEndpoint,
  sessionCheckEndpoint,
  sessionRenewEndpoint,
  signUpPageEndpoint,
  signUpEndpoint,
  verifyPageEndpoint,
  verifyEndpoint,
  verifyAgainEndpoint,
  resetPageEndpoint,
  resetEndpoint,
  resetCodePageEndpoint,
  resetCodeEndpoint,
  resetAgainEndpoint,
  newPasswordPageEndpoint,
  newPasswordEndpoint,
  passwordSavedEndpoint,
  undoAddressPageEndpoint,
  undoAddressEndpoint,
  invitePageEndpoint,
  inviteEndpoint,
  addressesPageEndpoint,
  changeAddressPageEndpoint,
  changeAddressEndpoint,
  addressCodePageEndpoint,
  addressCodeEndpoint,
  addressAgainEndpoint,
  ...passkeyRows,
  accountEndpoint,
  securityPageEndpoint,
  changePasswordPageEndpoint,
  changePasswordEndpoint,
  devicesPageEndpoint,
  endDeviceEndpoint,
  endOthersPageEndpoint,
  endOthersEndpoint,
  appsPageEndpoint,
  removeAppEndpoint,
  dataPageEndpoint,
  nameEndpoint,
  exportEndpoint,
  deletionPageEndpoint,
  deletionEndpoint,
  waitingDeletionEndpoint,
  keepAccountEndpoint,
  keepByLinkPageEndpoint,
  keepByLinkEndpoint,
  jwksEndpoint,
  feedPagesEndpoint,
  feedStreamEndpoint,
  feedKeysEndpoint,
  statusListsEndpoint,
  liveEndpoint,
  readyEndpoint,
  metricsEndpoint,
]

/** The table of endpoints. To add one, write its row in a file and list it here. */
export const endpointTable: readonly EndpointRow[] = [...rows, metadataEndpoint(rows)]

const devRows: readonly EndpointRow[] = [
  ...endpointTable.map((row) => (row === rootEndpoint ? welcomeEndpoint : row)),
  inboxEndpoint,
  inboxHtmlEndpoint,
]

/** The table of `dev`: with a welcome page and an inbox, and published as an OpenAPI document. */
export const devEndpointTable: readonly EndpointRow[] = [
  ...devRows,
  openapiEndpoint(devRows, readVersion),
]
