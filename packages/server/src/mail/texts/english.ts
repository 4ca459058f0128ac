import type { MailFrameText, MailText } from './mail-text.ts'

const asked = 'Asked for on {time}, from {browser}.'
const notYou = 'Was it not you? Sign in, change your password, and sign out of all other devices.'

/** The frame of each mail in English. */
export const englishFrame: MailFrameText = {
  sentBy: 'Sent by a machine at {host}.',
  noPassword: 'We never ask for your password by mail.',
}

/** The texts of all mails in English. */
export const englishMail = {
  verify_address: {
    subject: 'Your code for {site} is {code}',
    heading: 'Your code is {code}',
    lines: ['Type it on the page that asked for it, to confirm that {address} is yours.'],
    action: {
      lead: 'In the browser where you asked, this link does it too:',
      button: 'Confirm my address',
    },
    notes: [
      'Each works once: the code until {codeUntil}, the link until {linkUntil}.',
      asked,
      'You did not ask? Then do nothing: without the code nobody can use your address.',
    ],
  },
  verify_address_link: {
    subject: 'Confirm your address for {site}',
    heading: 'Confirm that {address} is yours',
    lines: [],
    action: {
      lead: 'Open this link in the browser where you asked:',
      button: 'Confirm my address',
    },
    notes: [
      'The link works once, until {linkUntil}. In another browser, ask for a new code.',
      asked,
      'You did not ask? Then do nothing: without the link nobody can use your address.',
    ],
  },
  reset_password: {
    subject: 'Your code for {site} is {code}',
    heading: 'Your code is {code}',
    lines: ['Type it on the page that asked for it, to choose a new password.'],
    action: {
      lead: 'In the browser where you asked, this link does it too:',
      button: 'Choose a new password',
    },
    notes: [
      'Each works once: the code until {codeUntil}, the link until {linkUntil}.',
      asked,
      'You did not ask? Then do nothing: your password stays as it is.',
    ],
  },
  reset_password_link: {
    subject: 'Choose a new password for {site}',
    heading: 'Choose a new password',
    lines: [],
    action: {
      lead: 'Open this link in the browser where you asked:',
      button: 'Choose a new password',
    },
    notes: [
      'The link works once, until {linkUntil}. In another browser, ask for a new code.',
      asked,
      'You did not ask? Then do nothing: your password stays as it is.',
    ],
  },
  sign_up_taken: {
    subject: 'You have an account at {site}',
    heading: 'This address has an account already',
    lines: ['Somebody wanted to create an account with it. Sign in with the one that you have.'],
    action: { lead: 'Sign in here:', button: 'Sign in' },
    notes: [
      'Is the password forgotten? Choose a new one: {reset}',
      asked,
      'You did not ask? Then do nothing: your account stays as it is.',
    ],
  },
  change_address: {
    subject: 'Your code for {site} is {code}',
    heading: 'Your code is {code}',
    lines: ['Type it on the page that asked for it, to use {address} for your account.'],
    action: {
      lead: 'In the browser where you asked, this link does it too:',
      button: 'Use this address',
    },
    notes: [
      'Each works once: the code until {codeUntil}, the link until {linkUntil}.',
      asked,
      'You did not ask? Then do nothing: without the code nobody can use your address.',
    ],
  },
  change_address_link: {
    subject: 'Confirm your new address for {site}',
    heading: 'Use {address} for your account',
    lines: [],
    action: { lead: 'Open this link in the browser where you asked:', button: 'Use this address' },
    notes: [
      'The link works once, until {linkUntil}. In another browser, ask for a new code.',
      asked,
      'You did not ask? Then do nothing: without the link nobody can use your address.',
    ],
  },
  address_changed: {
    subject: 'Your address at {site} was changed',
    heading: 'Your address was changed',
    lines: ['Your account has the address {address} now, in the place of {former}.'],
    action: {
      lead: 'Was it not you? This link restores the old address and signs out all devices:',
      button: 'Restore my address',
    },
    notes: ['The link works until {linkUntil}.', 'Changed on {time}, from {browser}.'],
  },
  address_added: {
    subject: 'An address was added at {site}',
    heading: 'Your account has another address',
    lines: ['{address} belongs to your account now. A new password can be asked for with it.'],
    action: {
      lead: 'Was it not you? This link removes the address and signs out all devices:',
      button: 'Remove the address',
    },
    notes: ['The link works until {linkUntil}.', 'Added on {time}, from {browser}.'],
  },
  invite: {
    subject: 'You are invited to {site}',
    heading: 'You are invited to {site}',
    lines: ['The people who run {site} invite {address} to create an account.'],
    action: { lead: 'Accept or decline here:', button: 'See the invitation' },
    notes: [
      'The link works once, until {linkUntil}.',
      'You do not know {site}? Then do nothing: no account is made without you.',
    ],
  },
  invite_by: {
    subject: 'You are invited to {site}',
    heading: 'You are invited to {site}',
    lines: ['{by} invites {address} to create an account.'],
    action: { lead: 'Accept or decline here:', button: 'See the invitation' },
    notes: [
      'The link works once, until {linkUntil}.',
      'You do not know {site}? Then do nothing: no account is made without you.',
    ],
  },
  new_device: {
    subject: 'New sign-in to {site}',
    heading: 'Your account was used in a new browser',
    lines: ['{browser} signed in on {time}.'],
    action: {
      lead: 'See all devices, and sign out of those that are not yours:',
      button: 'See my devices',
    },
    notes: [notYou],
  },
  password_changed: {
    subject: 'Your password at {site} was changed',
    heading: 'Your password was changed',
    lines: ['It was changed on {time}, from {browser}. All other devices were signed out.'],
    action: {
      lead: 'Was it not you? Choose a new password at once:',
      button: 'Choose a new password',
    },
    notes: [],
  },
  app_added: {
    subject: 'An authenticator app was added at {site}',
    heading: 'An authenticator app protects your account now',
    lines: ['It was added on {time}, from {browser}.'],
    action: { lead: 'See how you sign in:', button: 'Security' },
    notes: [notYou],
  },
  app_removed: {
    subject: 'An authenticator app was removed at {site}',
    heading: 'Your account has no authenticator app any more',
    lines: ['It was removed on {time}, from {browser}.'],
    action: { lead: 'See how you sign in:', button: 'Security' },
    notes: [notYou],
  },
  codes_made: {
    subject: 'New recovery codes at {site}',
    heading: 'Your account has new recovery codes',
    lines: ['They were made on {time}, from {browser}. The older ones no longer work.'],
    action: { lead: 'See how you sign in:', button: 'Security' },
    notes: [notYou],
  },
  factors_reset: {
    subject: 'Your second step was removed at {site}',
    heading: 'An operator removed your second step',
    lines: [
      'It was removed on {time}. All devices were signed out. Your password alone signs you in.',
    ],
    action: { lead: 'Set up a new second step:', button: 'Security' },
    notes: [notYou],
  },
  passkey_added: {
    subject: 'A passkey was added at {site}',
    heading: 'Your account has a new passkey',
    lines: ['“{passkey}” was added on {time}, from {browser}.'],
    action: { lead: 'See your passkeys:', button: 'Security' },
    notes: [notYou],
  },
  passkey_removed: {
    subject: 'A passkey was removed at {site}',
    heading: 'A passkey was removed from your account',
    lines: ['“{passkey}” was removed on {time}, from {browser}.'],
    action: { lead: 'See your passkeys:', button: 'Security' },
    notes: [notYou],
  },
  recovery_used: {
    subject: 'A recovery code was used at {site}',
    heading: 'Somebody signed in with a recovery code',
    lines: ['It was used on {time}, from {browser}. Codes left: {codesLeft}.'],
    action: { lead: 'Make new codes if few are left:', button: 'Security' },
    notes: [notYou],
  },
  account_deletion: {
    subject: 'Your account at {site} will be deleted',
    heading: 'Your account will be deleted on {until}',
    lines: ['Asked for on {time}, from {browser}. Until then you can keep it.'],
    action: { lead: 'This link keeps your account:', button: 'Keep my account' },
    notes: ['After that day nobody can restore it.'],
  },
  mail_test: {
    subject: 'A test of the mail of {site}',
    heading: 'Mail from {site} arrives here',
    lines: ['An operator sent this test on {time}. There is nothing to do.'],
    notes: [],
  },
} as const satisfies Readonly<Record<string, MailText>>

/** The name of one text. A template may have several. */
export type MailTextName = keyof typeof englishMail
