/** The texts of the second factor and of the fresh proof. `{…}` is a value. */
export const englishProof = {
  startAgain: 'Start again',

  confirmTitle: 'Confirm that it is you',
  confirmTo: 'Confirm that it is you, to {act}',
  confirmAs: 'You are signed in as {who}.',
  confirmButton: 'Confirm',
  confirmCancel: 'Cancel',
  confirmSummary: 'You have not confirmed it yet',
  confirmPasswordWrong: 'This password is not right. Check it and try again',
  confirmBusy: 'Many passwords are checked at this moment. Try again in {duration}',
  confirmNoWay: 'Your account has no way to confirm it on this page. Sign in again instead.',
  confirmPasswordAct: 'change your password',
  confirmFactorAct: 'change your second step',
  confirmPasskeysAct: 'change your passkeys',
  confirmAddressesAct: 'change your addresses',
  confirmSessionsAct: 'sign out other devices',
  confirmAppsAct: 'change the access of apps',
  confirmExportAct: 'get a copy of your data',
  confirmDeleteAct: 'delete your account',
  confirmAccountAct: 'open your account',
} as const
