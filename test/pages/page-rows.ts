import type { EpochSeconds } from '@countersign/jwt'
import type { Site } from '../../packages/server/src/pages/page.ts'
import { accountRows } from './account-rows.ts'
import { appRows } from './app-rows.ts'
import { addressRows } from './address-rows.ts'
import { passkeyRows } from './passkey-rows.ts'
import { proofRows } from './proof-rows.ts'
import { welcomeRows } from './welcome-rows.ts'
import type { PageRow } from './page-row.ts'
import type { SignInState } from '../../packages/server/src/pages/sign-in-page.ts'

export const sampleSite: Site = {
  name: 'Example ID',
  origin: 'https://id.example.com',
  links: { reset: '/reset', signUp: '/sign-up', privacy: '/privacy', help: '/help' },
}

export type { PageRow } from './page-row.ts'

const place = { name: 'Tide Tables', host: 'tides.harbour.example' }
const returnTo = '/account?tab=devices'
const atRest: SignInState = { formValue: 'Zm9ybQ', returnTo, place }
const typed: SignInState = { ...atRest, username: 'wren@example.com', keep: true }
const signIn =
  (state: SignInState): PageRow['render'] =>
  (pages, lang) =>
    pages.signIn(state, lang)
const requestId = 'r7k2-4f'
// 2026-11-29T14:02:11Z
const now = 1_795_960_931 as EpochSeconds
const error =
  (status: 400 | 403 | 404 | 405 | 413 | 429 | 500 | 503, who?: string): PageRow['render'] =>
  (pages, lang) =>
    pages.error({ status, requestId, now, who, retryAfterSeconds: 40 }, lang)
const changing = {
  action: '/sign-in/new-password',
  formValue: 'Zm9ybQ',
  who: 'wren@example.com',
  place,
  lengthMin: 15,
} as const

/** All pages in all their states. Each test of pages walks these rows. */
export const pageRows: readonly PageRow[] = [
  {
    name: 'sign-in',
    status: 200,
    title: 'Sign in',
    shows: ['Tide Tables', 'tides.harbour.example', 'For 30 days, on this device only.'],
    render: signIn(atRest),
  },
  {
    name: 'sign-in-to-the-service-itself',
    status: 200,
    title: 'Sign in',
    shows: ['Example ID', 'id.example.com'],
    render: signIn({ formValue: 'Zm9ybQ' }),
  },
  {
    name: 'sign-in-name-missing',
    status: 400,
    title: 'Error: Sign in',
    shows: ['Something is missing', 'Enter your name or email address'],
    render: signIn({ ...atRest, trouble: { reason: 'username_missing' } }),
  },
  {
    name: 'sign-in-password-missing',
    status: 400,
    title: 'Error: Sign in',
    shows: ['Enter your password'],
    render: signIn({ ...typed, trouble: { reason: 'password_missing' } }),
  },
  {
    name: 'sign-in-both-missing',
    status: 400,
    title: 'Error: Sign in',
    shows: ['Enter your name or email address', 'Enter your password'],
    render: signIn({ ...atRest, trouble: { reason: 'both_missing' } }),
  },
  {
    name: 'sign-in-not-proven',
    status: 403,
    title: 'Error: Sign in',
    shows: ['Name and password do not match. Check both and try again'],
    render: signIn({ ...typed, trouble: { reason: 'not_proven' } }),
  },
  {
    name: 'sign-in-throttled',
    status: 429,
    title: 'Error: Sign in',
    shows: ['Too many tries. You can try again in 40 seconds'],
    render: signIn({ ...typed, trouble: { reason: 'throttled', seconds: 40 } }),
  },
  {
    name: 'sign-in-queue-full',
    status: 503,
    title: 'Sign in',
    shows: ['Many people are signing in at this moment. Try again in 5 seconds'],
    render: signIn({ ...typed, trouble: { reason: 'queue_full', seconds: 5 } }),
  },
  {
    name: 'sign-in-session-ended',
    status: 200,
    title: 'Sign in',
    shows: ['You were signed out', 'Sign in to go on where you were.'],
    render: signIn({ ...atRest, trouble: { reason: 'session_ended' } }),
  },
  {
    name: 'sign-in-flow-too-old',
    status: 400,
    title: 'Sign in',
    shows: ['This page was open for a long time'],
    render: signIn({ ...typed, trouble: { reason: 'flow_too_old' } }),
  },
  {
    name: 'sign-in-from-another-site',
    status: 403,
    title: 'Sign in',
    shows: ['We could not see where this form came from'],
    render: signIn({ ...atRest, trouble: { reason: 'other_site' } }),
  },
  {
    name: 'sign-in-long-values',
    status: 403,
    title: 'Error: Sign in',
    shows: ['Name and password do not match'],
    render: signIn({
      ...typed,
      place: { name: 'W'.repeat(120), host: `${'very-long-label.'.repeat(12)}example` },
      username: 'n'.repeat(200),
      trouble: { reason: 'not_proven' },
    }),
  },
  {
    name: 'signed-in-already',
    status: 200,
    title: 'Sign in',
    shows: ['You are signed in as', 'wren@example.com', 'Switch account'],
    render: (pages, lang) =>
      pages.signedInAlready(
        { formValue: 'Zm9ybQ', who: 'wren@example.com', returnTo, place },
        lang,
      ),
  },
  {
    name: 'signed-in-in-another-tab',
    status: 200,
    title: 'You are signed in now',
    shows: ['Going on to', 'Tide Tables'],
    // A target within the page, so that going on leaves the page to be looked at.
    render: (pages, lang) => pages.signedInNow({ returnTo: '#main', place }, lang),
  },
  {
    name: 'new-password-listed',
    status: 200,
    title: 'Choose a new password',
    shows: ['The old one is on lists of stolen passwords.', '15 characters or more'],
    render: (pages, lang) => pages.newPassword({ ...changing, because: 'listed' }, lang),
  },
  {
    name: 'new-password-short-before',
    status: 200,
    title: 'Choose a new password',
    shows: ['The old one is shorter than this service asks for today.'],
    render: (pages, lang) => pages.newPassword({ ...changing, because: 'too_short' }, lang),
  },
  {
    name: 'new-password-asked',
    status: 200,
    title: 'Choose a new password',
    shows: ['asks for a new one.'],
    render: (pages, lang) => pages.newPassword({ ...changing, because: 'asked' }, lang),
  },
  ...(['too_short', 'common', 'own_name', 'same'] as const).map((trouble): PageRow => ({
    name: `new-password-refused-${trouble.replace('_', '-')}`,
    status: 400,
    title: 'Error: Choose a new password',
    shows: ['Choose another password'],
    render: (pages, lang) => pages.newPassword({ ...changing, because: 'listed', trouble }, lang),
  })),
  {
    name: 'sign-out',
    status: 200,
    title: 'Sign out',
    shows: ['Sign out of', 'wren@example.com', 'Stay signed in'],
    render: (pages, lang) =>
      pages.signOut({ formValue: 'Zm9ybQ', who: 'wren@example.com', stayAt: '/account' }, lang),
  },
  {
    name: 'signed-out',
    status: 200,
    title: 'You are signed out',
    shows: ['On a shared computer, close the browser too.'],
    render: (pages, lang) => pages.signedOut({}, lang),
  },
  {
    name: 'signed-out-with-a-way-back',
    status: 200,
    title: 'You are signed out',
    shows: ['Back to', 'Tide Tables'],
    render: (pages, lang) =>
      pages.signedOut({ back: { place, address: 'https://tides.harbour.example/' } }, lang),
  },
  {
    name: 'error-400',
    status: 400,
    title: 'Error: We could not read this request',
    shows: [requestId, '29 Nov 2026, 14:02:11 UTC'],
    render: error(400),
  },
  {
    name: 'error-403',
    status: 403,
    title: 'Error: You may not see this page',
    shows: [requestId, 'wren@example.com', 'Switch account'],
    render: error(403, 'wren@example.com'),
  },
  {
    name: 'error-403-without-a-session',
    status: 403,
    title: 'Error: You may not see this page',
    shows: [requestId],
    render: error(403),
  },
  {
    name: 'error-404',
    status: 404,
    title: 'Error: This page does not exist',
    shows: [requestId, 'The address may be old'],
    render: error(404),
  },
  {
    name: 'error-405',
    status: 405,
    title: 'Error: This page cannot be loaded again',
    shows: [requestId],
    render: error(405),
  },
  {
    name: 'error-413',
    status: 413,
    title: 'Error: That was too long for us',
    shows: [requestId],
    render: error(413),
  },
  {
    name: 'error-429',
    status: 429,
    title: 'Error: Too many requests from here',
    shows: [requestId, 'You can go on in 40 seconds.'],
    render: error(429),
  },
  {
    name: 'error-500',
    status: 500,
    title: 'Error: Something broke on our side',
    shows: [requestId, 'Try again'],
    render: error(500),
  },
  {
    name: 'error-503',
    status: 503,
    title: 'Error: We are not reachable for a moment',
    shows: [requestId, 'Nothing that you typed was counted against you.'],
    render: error(503),
  },
  ...addressRows,
  ...proofRows,
  ...passkeyRows,
  ...accountRows,
  ...appRows,
  ...welcomeRows,
]
