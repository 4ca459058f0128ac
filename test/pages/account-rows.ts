import type { EpochSeconds } from '@countersign/jwt'
import type { PageRow } from './page-row.ts'

const visitor = { who: 'wren@example.com', signOutValue: 'Zm9ybQ' }
// 2026-11-29T14:02:11Z
const now = 1_795_960_931 as EpochSeconds
const ago = (seconds: number) => (now - seconds) as EpochSeconds
const inDays = (days: number) => (now + days * 86_400) as EpochSeconds
// 2026-03-03T07:41:00Z
const inMarch = 1_772_523_660 as EpochSeconds

const here = {
  sid: 'a',
  agent: 'Firefox on Linux',
  isThis: true,
  openedAt: ago(18_000),
  lastSeen: ago(10),
  expiresAt: inDays(30),
  isPersistent: false,
}
const others = [
  {
    ...here,
    sid: 'b',
    agent: 'Safari on iPhone',
    isThis: false,
    lastSeen: ago(1_200),
    isPersistent: true,
  },
  { ...here, sid: 'c', agent: 'Unknown browser on Windows', isThis: false, lastSeen: ago(1e6) },
]
const listed = { ...visitor, formValue: 'Zm9ybQ', now, devices: [here, ...others] }

const changing = { ...visitor, formValue: 'Zm9ybQ', hasPassword: true, lengthMin: 15 }

const known = {
  ...visitor,
  formValue: 'Zm9ybQ',
  profile: { name: 'Wren', locale: 'en-GB', address: { locality: 'Harbour', country: 'GB' } },
  createdAt: inMarch,
}
const deleting = { ...visitor, formValue: 'Zm9ybQ', until: inDays(7), sendsMail: true }

const apps = [
  {
    clientId: 'shoal-agent',
    name: 'Shoal Agent',
    scopes: ['openid', 'profile', 'orders.read', 'offline_access'],
    since: inMarch,
  },
  { clientId: 'tide-chart', name: 'Tide Chart', scopes: ['openid'], since: inMarch },
]

/** The states of the account pages. */
export const accountRows: readonly PageRow[] = [
  {
    name: 'account-security',
    status: 200,
    title: 'Security – Your account',
    shows: ['Password and second step', 'Set on 3 March 2026', 'wren@example.com', 'Sign out'],
    render: (pages, lang) => pages.security({ ...visitor, password: { setAt: inMarch } }, lang),
  },
  {
    name: 'account-security-without-password',
    status: 200,
    title: 'Security – Your account',
    shows: ['You have no password', 'Add'],
    render: (pages, lang) => pages.security({ ...visitor, password: { setAt: undefined } }, lang),
  },
  {
    name: 'account-security-password-changed',
    status: 200,
    title: 'Security – Your account',
    shows: ['Password changed', '2 other devices were signed out.'],
    render: (pages, lang) =>
      pages.security(
        { ...visitor, password: { setAt: now }, done: { act: 'password_changed', others: 2 } },
        lang,
      ),
  },
  {
    name: 'account-security-proof-is-old',
    status: 200,
    title: 'Security – Your account',
    shows: ['Confirm that it is you before you change something here', 'Confirm now'],
    render: (pages, lang) =>
      pages.security({ ...visitor, password: { setAt: inMarch }, needsProof: true }, lang),
  },
  {
    name: 'account-password',
    status: 200,
    title: 'Change the password – Your account',
    shows: ['All other devices are signed out.', 'Current password', '15 characters or more.'],
    render: (pages, lang) => pages.changePassword(changing, lang),
  },
  {
    name: 'account-password-first',
    status: 200,
    title: 'Add a password – Your account',
    shows: ['New password'],
    render: (pages, lang) => pages.changePassword({ ...changing, hasPassword: false }, lang),
  },
  {
    name: 'account-password-wrong',
    status: 403,
    title: 'Error: Change the password – Your account',
    shows: ['The password is not saved yet', 'This is not your current password.'],
    render: (pages, lang) =>
      pages.changePassword({ ...changing, trouble: { reason: 'current_wrong' } }, lang),
  },
  {
    name: 'account-password-short',
    status: 400,
    title: 'Error: Change the password – Your account',
    shows: ['Use 15 characters or more. A few words work well'],
    render: (pages, lang) =>
      pages.changePassword({ ...changing, trouble: { reason: 'too_short' } }, lang),
  },
  {
    name: 'account-password-throttled',
    status: 429,
    title: 'Error: Change the password – Your account',
    shows: ['Too many tries. You can try again in 40 seconds'],
    render: (pages, lang) =>
      pages.changePassword({ ...changing, trouble: { reason: 'throttled', seconds: 40 } }, lang),
  },
  {
    name: 'account-devices',
    status: 200,
    title: 'Devices – Your account',
    shows: [
      'Firefox on Linux This device',
      'Last used 20 minutes ago.',
      'Stays signed in until 29 December 2026.',
      'Unknown browser on Windows',
      'Last used 11 days ago.',
      'End the 2 others',
    ],
    render: (pages, lang) => pages.devices(listed, lang),
  },
  {
    name: 'account-devices-only-this-one',
    status: 200,
    title: 'Devices – Your account',
    shows: ['You are signed in on this device only.'],
    render: (pages, lang) => pages.devices({ ...listed, devices: [here] }, lang),
  },
  {
    name: 'account-devices-one-ended',
    status: 200,
    title: 'Devices – Your account',
    shows: ['Safari on iPhone is signed out', 'End the other one'],
    render: (pages, lang) =>
      pages.devices(
        {
          ...listed,
          devices: [here, ...others.slice(1)],
          ended: { agent: 'Safari on iPhone' },
        },
        lang,
      ),
  },
  {
    name: 'account-devices-others-ended',
    status: 200,
    title: 'Devices – Your account',
    shows: ['2 other devices were signed out'],
    render: (pages, lang) =>
      pages.devices({ ...listed, devices: [here], ended: { count: 2 } }, lang),
  },
  {
    name: 'account-end-others',
    status: 200,
    title: 'Devices – Your account',
    shows: ['Sign out of 2 other devices?', 'They lose access within a second.', 'Keep them'],
    render: (pages, lang) => pages.endOthers({ ...visitor, formValue: 'Zm9ybQ', count: 2 }, lang),
  },
  {
    name: 'account-apps',
    status: 200,
    title: 'Connected apps – Your account',
    shows: ['No app can use your account while you are away.'],
    render: (pages, lang) => pages.apps({ ...visitor, formValue: 'Zm9ybQ', apps: [] }, lang),
  },
  {
    name: 'account-apps-some',
    status: 200,
    title: 'Connected apps – Your account',
    shows: [
      'Shoal Agent Stays signed in',
      'Know that it is you · See your name and profile · Use orders.read',
      'Since 3 March 2026.',
      'Remove',
    ],
    render: (pages, lang) => pages.apps({ ...visitor, formValue: 'Zm9ybQ', apps }, lang),
  },
  {
    name: 'account-apps-removed',
    status: 200,
    title: 'Connected apps – Your account',
    shows: ['Orders Book has lost its access'],
    render: (pages, lang) =>
      pages.apps({ ...visitor, formValue: 'Zm9ybQ', apps, removed: 'Orders Book' }, lang),
  },
  {
    name: 'account-data',
    status: 200,
    title: 'Your data – Your account',
    shows: [
      'Profile',
      'locale',
      'Account since 3 March 2026',
      'Download a copy',
      'Delete the account…',
    ],
    render: (pages, lang) => pages.data(known, lang),
  },
  {
    name: 'account-data-name-refused',
    status: 400,
    title: 'Error: Your data – Your account',
    shows: ['Write the name in one line of at most 256 letters'],
    render: (pages, lang) => pages.data({ ...known, refusedName: 'x'.repeat(300) }, lang),
  },
  {
    name: 'account-data-deletion-waits',
    status: 200,
    title: 'Your data – Your account',
    shows: ['This account will be deleted on 6 December 2026', 'Your name is saved'],
    render: (pages, lang) => pages.data({ ...known, eraseAt: inDays(7), isNameSaved: true }, lang),
  },
  {
    name: 'account-delete',
    status: 200,
    title: 'Delete the account – Your account',
    shows: [
      'You can keep it until 6 December 2026.',
      'Delete on 6 December 2026',
      'Keep my account',
      'Delete the account now',
    ],
    render: (pages, lang) => pages.deletion(deleting, lang),
  },
  {
    name: 'account-delete-unsure',
    status: 400,
    title: 'Error: Delete the account – Your account',
    shows: ['Tick that nothing brings the account back, or keep it'],
    render: (pages, lang) => pages.deletion({ ...deleting, isUnsure: true }, lang),
  },
  {
    name: 'account-deletion-waits',
    status: 200,
    title: 'Delete the account – Your account',
    shows: ['This account will be deleted on 6 December 2026', 'Keep my account', 'Continue'],
    render: (pages, lang) =>
      pages.waitingDeletion(
        { ...visitor, formValue: 'Zm9ybQ', eraseAt: inDays(7), returnTo: '/' },
        lang,
      ),
  },
  {
    name: 'account-keep-by-link',
    status: 200,
    title: 'Keep your account?',
    shows: ['Somebody asked for its deletion in your name.'],
    render: (pages, lang) => pages.keepByLink({ ticket: 'c2VjcmV0' }, lang),
  },
  {
    name: 'account-kept',
    status: 200,
    title: 'Your account stays',
    shows: ['Sign in and choose a new password.'],
    render: (pages, lang) => pages.deletionEnd({ end: 'kept' }, lang),
  },
  {
    name: 'account-erased',
    status: 200,
    title: 'Your account is deleted',
    shows: ['Example ID knows nothing more about you.'],
    render: (pages, lang) => pages.deletionEnd({ end: 'erased' }, lang),
  },
  {
    name: 'account-keep-link-ended',
    status: 410,
    title: 'This link has ended',
    shows: ['It was used already, or its time is over.'],
    render: (pages, lang) => pages.deletionEnd({ end: 'link_ended' }, lang),
  },
]
