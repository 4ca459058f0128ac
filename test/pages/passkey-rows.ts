import type { EpochSeconds } from '@countersign/jwt'
import type { SignInTrouble } from '../../packages/server/src/pages/sign-in-page.ts'
import type { ShownPasskey } from '../../packages/server/src/pages/security/passkeys-card.ts'
import type { PageRow } from './page-row.ts'

const visitor = { who: 'wren@example.com', signOutValue: 'Zm9ybQ' }
const account = { ...visitor, formValue: 'Zm9ybQ' }
// 2026-03-03T07:41:00Z
const inMarch = 1_772_523_660 as EpochSeconds
// 2026-11-29T14:02:11Z
const now = 1_795_960_931 as EpochSeconds
const yesterday = (now - 86_400) as EpochSeconds
const laptop: ShownPasskey = {
  credentialId: 'bGFwdG9w',
  name: 'Work laptop',
  isSynced: false,
  isWayIn: true,
  createdAt: inMarch,
  usedAt: yesterday,
}
const phone: ShownPasskey = {
  ...laptop,
  credentialId: 'cGhvbmU',
  name: 'Wren’s phone',
  isSynced: true,
}
const key: ShownPasskey = { ...laptop, name: 'W'.repeat(64), isWayIn: false, usedAt: null }
const confirming = {
  action: '/sign-in/second-factor/passkey',
  formValue: 'Zm9ybQ',
  who: 'wren@example.com',
  isSignedIn: false,
  fields: {},
  pageAt: (lang: string) => `/sign-in/second-factor/passkey?lang=${lang}`,
  otherWays: '/sign-in/second-factor?way=recovery',
} as const
const one = { ...account, credentialId: laptop.credentialId, name: laptop.name }

const signInWith =
  (trouble?: SignInTrouble): PageRow['render'] =>
  (pages, lang) =>
    pages.signIn({ formValue: 'Zm9ybQ', takesPasskeys: true, trouble }, lang)

/** The states of passkeys. */
export const passkeyRows: readonly PageRow[] = [
  {
    name: 'passkey-sign-in',
    status: 200,
    title: 'Sign in',
    shows: ['Use a passkey', 'Passkeys need JavaScript. Your password works without it.'],
    render: signInWith(),
  },
  {
    name: 'passkey-unknown',
    status: 403,
    title: 'Sign in',
    shows: ['This passkey no longer belongs to an account', 'Use another way to sign in.'],
    render: signInWith({
      reason: 'passkey_unknown',
      rpId: 'id.example.com',
      credentialId: 'bGFwdG9w',
    }),
  },
  {
    name: 'passkey-late',
    status: 403,
    title: 'Sign in',
    shows: ['That took too long', 'Press “'],
    render: signInWith({ reason: 'passkey_late' }),
  },
  {
    name: 'passkey-refused',
    status: 403,
    title: 'Sign in',
    shows: ['This passkey did not sign you in'],
    render: signInWith({ reason: 'passkey_refused' }),
  },
  {
    name: 'passkey-unverified',
    status: 403,
    title: 'Sign in',
    shows: ['Your passkey did not check that it is you', 'The passkey can be the second step.'],
    render: signInWith({ reason: 'passkey_unverified' }),
  },
  {
    name: 'passkey-confirm',
    status: 200,
    title: 'Confirm with your passkey',
    shows: ['Use a passkey', 'Another way', 'wren@example.com'],
    render: (pages, lang) => pages.passkeyConfirm(confirming, lang),
  },
  {
    name: 'passkey-confirm-refused',
    status: 403,
    title: 'Confirm with your passkey',
    shows: ['This passkey did not sign you in'],
    render: (pages, lang) =>
      pages.passkeyConfirm({ ...confirming, trouble: { reason: 'passkey_refused' } }, lang),
  },
  {
    name: 'passkey-offer',
    status: 200,
    title: 'Sign in faster next time',
    shows: ['Add a passkey to this device.', 'Not now'],
    render: (pages, lang) => pages.passkeyOffer({ formValue: 'Zm9ybQ', returnTo: '/orders' }, lang),
  },
  {
    name: 'passkey-onward',
    status: 200,
    title: 'You are signed in',
    shows: ['Going on to', 'Example ID', 'Continue'],
    // A target within the page, so that going on leaves the page to be looked at.
    render: (pages, lang) => pages.passkeyOnward({ returnTo: '#main' }, lang),
  },
  {
    name: 'passkeys-none',
    status: 200,
    title: 'Security – Your account',
    shows: ['No passkey yet. Add one and sign in with your face, finger or PIN.', 'Add a passkey'],
    render: (pages, lang) =>
      pages.security(
        { ...visitor, password: { setAt: inMarch }, passkeys: { passkeys: [], now } },
        lang,
      ),
  },
  {
    name: 'passkeys',
    status: 200,
    title: 'Security – Your account',
    shows: [
      'can now sign you in',
      'Synced',
      'One device only',
      'Second step only',
      'Last used',
      'yesterday',
      'Never used',
    ],
    render: (pages, lang) =>
      pages.security(
        {
          ...visitor,
          password: { setAt: inMarch },
          passkeys: {
            passkeys: [phone, laptop, key],
            now,
            change: { did: 'added', name: phone.name, credentialId: phone.credentialId },
            signal: {
              signal: 'signalAllAcceptedCredentials',
              value: { rpId: 'id.example.com', userId: 'AAAA', allAcceptedCredentialIds: ['AAAA'] },
            },
          },
        },
        lang,
      ),
  },
  {
    name: 'passkey-removed',
    status: 200,
    title: 'Security – Your account',
    shows: ['The passkey is removed'],
    render: (pages, lang) =>
      pages.security(
        {
          ...visitor,
          password: { setAt: inMarch },
          passkeys: { passkeys: [phone], now, change: { did: 'removed' } },
        },
        lang,
      ),
  },
  {
    name: 'passkey-add',
    status: 200,
    title: 'Add a passkey – Your account',
    shows: ['Create the passkey', 'Passkeys need JavaScript.'],
    render: (pages, lang) => pages.addPasskey(account, lang),
  },
  {
    name: 'passkey-there-already',
    status: 403,
    title: 'Add a passkey – Your account',
    shows: ['This device holds a passkey for this account already'],
    render: (pages, lang) => pages.addPasskey({ ...account, trouble: 'exists' }, lang),
  },
  {
    name: 'passkey-too-many',
    status: 403,
    title: 'Add a passkey – Your account',
    shows: ['You have as many passkeys as an account can have'],
    render: (pages, lang) => pages.addPasskey({ ...account, trouble: 'too_many' }, lang),
  },
  {
    name: 'passkey-rename',
    status: 200,
    title: 'Rename Work laptop – Your account',
    shows: ['Rename', 'Work laptop', 'Save the name'],
    render: (pages, lang) => pages.renamePasskey(one, lang),
  },
  {
    name: 'passkey-rename-refused',
    status: 400,
    title: 'Error: Rename Work laptop – Your account',
    shows: ['Enter a name of 1 to 64 letters'],
    render: (pages, lang) => pages.renamePasskey({ ...one, typed: 'W'.repeat(65) }, lang),
  },
  {
    name: 'passkey-remove',
    status: 200,
    title: 'Remove Work laptop? – Your account',
    shows: ['You can then sign in with', 'your password and a code', 'Keep it'],
    render: (pages, lang) => pages.removePasskey({ ...one, stays: 'password_and_code' }, lang),
  },
  {
    name: 'passkey-last-way-in',
    status: 409,
    title: 'Remove Work laptop? – Your account',
    shows: ['This is your only way in', 'Add another way first, then remove it.'],
    render: (pages, lang) => pages.removePasskey({ ...one, stays: 'none' }, lang),
  },
]
