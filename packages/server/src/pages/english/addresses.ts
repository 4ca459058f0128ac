/** The texts of sign-up, of codes and links by mail, of reset, invitation and addresses. `{…}` is a value. */
export const englishAddresses = {
  checkMail: 'Check your mail',
} as const
