import type { ConfirmState } from '../../packages/server/src/pages/confirm-page.ts'
import type { PageRow } from './page-row.ts'

const confirming: ConfirmState = {
  formValue: 'Zm9ybQ',
  who: 'wren@example.com',
  why: 'passkeys',
  returnTo: '/account/security/passkeys',
  cancelTo: '/account/security',
  asks: { password: true },
}
const confirm =
  (state: ConfirmState): PageRow['render'] =>
  (pages, lang) =>
    pages.confirm(state, lang)

/** The states of the second factor and the fresh proof. */
export const proofRows: readonly PageRow[] = [
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
    name: 'confirm-without-a-way',
    status: 200,
    title: 'Confirm that it is you, to change your passkeys',
    shows: ['Your account has no way to confirm it on this page.'],
    render: confirm({ ...confirming, asks: { password: false } }),
  },
]
