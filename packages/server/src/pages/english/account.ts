/** The texts of the account pages. `{…}` is a value. */
export const englishAccount = {
  account: 'Your account',
  accountSecurity: 'Security',
  accountDevices: 'Devices',
  accountAddresses: 'Addresses',
  accountApps: 'Connected apps',
  accountData: 'Your data',

  accountPasswordAndStep: 'Password and second step',
  accountPasswordAndStepHint: 'For devices where a passkey does not work.',
  accountPasswordSet: 'Set on {day}',
  accountPasswordNone: 'You have no password',
  accountPasswordChange: 'Change',
  accountPasswordChangeFull: 'Change the password',
  accountPasswordAdd: 'Add',
  accountPasswordAddFull: 'Add a password',
} as const
