import type { EpochSeconds } from '@countersign/jwt'
import type { AppCodeState } from '../../packages/server/src/pages/app-code-page.ts'
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

const visitor = { who: 'wren@example.com', signOutValue: 'Zm9ybQ' }
const setUp: AppCodeState = {
  ...visitor,
  formValue: 'Zm9ybQ',
  qr: Array.from({ length: 53 }, (_, y) =>
    Array.from({ length: 53 }, (_, x) => isDark(x - 4, y - 4)),
  ),
  key: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  address: 'otpauth://totp/Example%20ID:wren@example.com?secret=JBSWY3DPEHPK3PXP',
  replaces: false,
}

/** A picture that looks like a code of 45 modules: three corners, and a pattern between them. */
function isDark(x: number, y: number): boolean {
  if (x < 0 || y < 0 || x > 44 || y > 44) return false
  for (const [left, top] of [
    [0, 0],
    [38, 0],
    [0, 38],
  ] as const) {
    const ring = Math.max(Math.abs(x - left - 3), Math.abs(y - top - 3))
    if (ring <= 4) return ring === 3 || ring <= 1
  }
  return (x * 7 + y * 11 + x * y) % 3 === 0
}

const codes = [
  'k3f9-0p2m-x7ta-9qwe',
  '8hn4-2vrs-6yzb-1cdg',
  'p0q2-m5t7-w9xa-b3ef',
  '4g6h-8jkm-n1pq-r2st',
  'v5w7-x9yz-0a1b-2c3d',
  'e4f5-g6h7-j8k9-m0n1',
  'p2q3-r4s5-t6v7-w8x9',
  'y0z1-a2b3-c4d5-e6f7',
  'g8h9-j0k1-m2n3-p4q5',
  'r6s7-t8v9-w0x1-y2z3',
]

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
  {
    name: 'app-code-set-up',
    status: 200,
    title: 'Set up an authenticator app – Your account',
    shows: ['Scan this picture with your app', 'I cannot scan it', 'Enter the code that it shows'],
    render: (pages, lang) => pages.appCode(setUp, lang),
  },
  {
    name: 'app-code-needed',
    status: 200,
    title: 'Set up an authenticator app – Your account',
    shows: ['This service asks for a second step. Set it up to go on.'],
    render: (pages, lang) => pages.appCode({ ...setUp, returnTo: '/orders' }, lang),
  },
  {
    name: 'app-code-wrong',
    status: 403,
    title: 'Error: Set up an authenticator app – Your account',
    shows: ['This code does not fit. Type the one your app shows now. 3 tries left'],
    render: (pages, lang) =>
      pages.appCode(
        { ...setUp, replaces: true, trouble: { reason: 'code_wrong', triesLeft: 3 } },
        lang,
      ),
  },
  {
    name: 'app-code-remove',
    status: 200,
    title: 'Remove the authenticator app? – Your account',
    shows: ['Your password alone will sign you in. The recovery codes end too.'],
    render: (pages, lang) =>
      pages.removeAppCode({ ...visitor, formValue: 'Zm9ybQ', keepsFactor: false }, lang),
  },
  {
    name: 'recovery-codes-shown',
    status: 200,
    title: 'Recovery codes – Your account',
    shows: [
      'Your authenticator app is on',
      'We show them once.',
      '10 codes',
      'k3f9-0p2m-x7ta-9qwe',
    ],
    render: (pages, lang) => pages.recoveryCodes({ ...visitor, codes, isSetUp: true }, lang),
  },
  {
    name: 'recovery-codes-asked',
    status: 200,
    title: 'Make new recovery codes? – Your account',
    shows: ['Your 7 old codes end then.'],
    render: (pages, lang) => pages.newCodes({ ...visitor, formValue: 'Zm9ybQ', left: 7 }, lang),
  },
  {
    name: 'security-with-a-code-app',
    status: 200,
    title: 'Security – Your account',
    shows: ['Authenticator app', 'Recovery codes', 'Few left', '2 codes are left'],
    render: (pages, lang) =>
      pages.security(
        {
          ...visitor,
          password: { setAt: 1_795_000_000 as EpochSeconds },
          factors: {
            appSince: 1_795_000_000 as EpochSeconds,
            mayHaveApp: true,
            hasFactor: true,
            codesLeft: 2,
            done: 'last',
          },
        },
        lang,
      ),
  },
]
