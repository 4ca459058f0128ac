/** The texts of the welcome page and of the inbox of `dev`. `{…}` is a value. */
export const englishWelcome = {
  inbox: 'Inbox',
} as const
