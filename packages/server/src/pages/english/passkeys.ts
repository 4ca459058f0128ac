/** The texts of passkeys. `{…}` is a value. */
export const englishPasskeys = {
  usePasskey: 'Use a passkey',
} as const
