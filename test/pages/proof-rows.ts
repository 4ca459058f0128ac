import type { ConfirmState } from '../../packages/server/src/pages/confirm-page.ts'
import type {
  SecondFactorEndState,
  SecondFactorState,
} from '../../packages/server/src/pages/second-factor-page.ts'
import type { PageRow } from './page-row.ts'

const confirming: ConfirmState = {
  formValue: 'Zm9ybQ',
  who: 'wren@example.com',
  why: 'passkeys',
  returnTo: '/account/security/passkeys',
  cancelTo: '/account/security',
  asks: { password: true, code: undefined, ways: { totp: false, recovery: false, passkey: false } },
}
const confirm =
  (state: ConfirmState): PageRow['render'] =>
  (pages, lang) =>
    pages.confirm(state, lang)

const place = { name: 'Tide Tables', host: 'tides.harbour.example' }
const asked: SecondFactorState = {
  formValue: 'Zm9ybQ',
  who: 'wren@example.com',
  way: 'totp',
  ways: { totp: true, recovery: true, passkey: true },
  returnTo: '/orders',
  place,
}
const factor =
  (state: SecondFactorState): PageRow['render'] =>
  (pages, lang) =>
    pages.secondFactor(state, lang)
const factorEnd =
  (because: SecondFactorEndState['because']): PageRow['render'] =>
  (pages, lang) =>
    pages.secondFactorEnd({ because, returnTo: '/orders' }, lang)

/** The states of the second factor and the fresh proof. */
export const proofRows: readonly PageRow[] = [
  {
    name: 'second-factor',
    status: 200,
    title: 'Enter the code from your app',
    shows: ['Tide Tables', 'Signing in as', 'No access to your app?', 'Use a passkey instead'],
    render: factor(asked),
  },
  {
    name: 'second-factor-code-wrong',
    status: 403,
    title: 'Error: Enter the code from your app',
    shows: ['This code does not fit. Type the one your app shows now. 4 tries left'],
    render: factor({ ...asked, trouble: { reason: 'code_wrong', triesLeft: 4 } }),
  },
  {
    name: 'second-factor-code-used',
    status: 403,
    title: 'Enter the code from your app',
    shows: ['That code was used already', 'Wait for the next one: it comes in 18 seconds.'],
    render: factor({ ...asked, trouble: { reason: 'code_used', seconds: 18 } }),
  },
  {
    name: 'second-factor-code-missing',
    status: 400,
    title: 'Error: Enter the code from your app',
    shows: ['Enter the 6 digits; spaces do not matter'],
    render: factor({ ...asked, trouble: { reason: 'code_missing' } }),
  },
  {
    name: 'second-factor-throttled',
    status: 429,
    title: 'Error: Enter the code from your app',
    shows: ['Too many tries. You can try again in 40 seconds'],
    render: factor({ ...asked, trouble: { reason: 'throttled', seconds: 40 } }),
  },
  {
    name: 'second-factor-recovery',
    status: 200,
    title: 'Enter one of your recovery codes',
    shows: ['Each works once.', 'Use a code from your app'],
    render: factor({ ...asked, way: 'recovery' }),
  },
  {
    name: 'second-factor-recovery-wrong',
    status: 403,
    title: 'Error: Enter one of your recovery codes',
    shows: ['This code does not fit, or was used. One try is left'],
    render: factor({ ...asked, way: 'recovery', trouble: { reason: 'code_wrong', triesLeft: 1 } }),
  },
  {
    name: 'second-factor-locked',
    status: 403,
    title: 'Please start again',
    shows: ['For your safety we ask for your password once more.'],
    render: factorEnd('locked'),
  },
  {
    name: 'second-factor-too-old',
    status: 400,
    title: 'This took longer than 10 minutes',
    shows: ['Please sign in again.'],
    render: factorEnd('too_old'),
  },
  {
    name: 'second-factor-no-way',
    status: 200,
    title: 'Ask for help to get back in',
    shows: ['Nobody can do it by mail.'],
    render: factorEnd('no_way'),
  },
  {
    name: 'recovery-codes-few',
    status: 200,
    title: 'Make new codes',
    shows: ['recovery codes left', 'Make new ones today.'],
    render: (pages, lang) => pages.fewCodes({ left: 2, returnTo: '/orders' }, lang),
  },
  {
    name: 'confirm',
    status: 200,
    title: 'Confirm that it is you, to change your passkeys',
    shows: ['You are signed in as', 'wren@example.com'],
    render: confirm(confirming),
  },
  {
    name: 'confirm-password-wrong',
    status: 403,
    title: 'Error: Confirm that it is you, to change your passkeys',
    shows: ['This password is not right. Check it and try again'],
    render: confirm({ ...confirming, trouble: { reason: 'password_wrong' } }),
  },
  {
    name: 'confirm-with-a-code',
    status: 200,
    title: 'Confirm that it is you, to change your passkeys',
    shows: ['6-digit code', 'No access to your app?', 'Use one of your recovery codes'],
    render: confirm({
      ...confirming,
      asks: { password: true, code: 'totp', ways: { totp: true, recovery: true, passkey: true } },
    }),
  },
  {
    name: 'confirm-code-wrong',
    status: 403,
    title: 'Error: Confirm that it is you, to change your passkeys',
    shows: ['This code does not fit. Type the one your app shows now'],
    render: confirm({
      ...confirming,
      asks: { password: true, code: 'totp', ways: { totp: true, recovery: true, passkey: true } },
      trouble: { reason: 'code_wrong' },
    }),
  },
  {
    name: 'confirm-by-passkey',
    status: 200,
    title: 'Confirm that it is you, to change your passkeys',
    shows: ['Confirm with your passkey', 'No passkey at hand?', 'Use one of your recovery codes'],
    render: confirm({
      ...confirming,
      asks: { password: false, ways: { totp: false, recovery: true, passkey: true } },
    }),
  },
  {
    name: 'confirm-without-a-way',
    status: 200,
    title: 'Confirm that it is you, to change your passkeys',
    shows: ['Your account has no way to confirm it on this page.'],
    render: confirm({ ...confirming, asks: { ...confirming.asks, password: false } }),
  },
]
