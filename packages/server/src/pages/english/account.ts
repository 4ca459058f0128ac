/** The texts of the account pages. `{…}` is a value. */
export const englishAccount = {
  account: 'Account',
} as const
