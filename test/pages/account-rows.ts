import type { EpochSeconds } from '@countersign/jwt'
import type { PageRow } from './page-row.ts'

const visitor = { who: 'wren@example.com', signOutValue: 'Zm9ybQ' }
// 2026-03-03T07:41:00Z
const inMarch = 1_772_523_660 as EpochSeconds

/** The states of the account pages. */
export const accountRows: readonly PageRow[] = [
  {
    name: 'account-security',
    status: 200,
    title: 'Security – Your account',
    shows: ['Password and second step', 'Set on March 3, 2026', 'wren@example.com', 'Sign out'],
    render: (pages, lang) => pages.security({ ...visitor, password: { setAt: inMarch } }, lang),
  },
  {
    name: 'account-security-without-password',
    status: 200,
    title: 'Security – Your account',
    shows: ['You have no password', 'Add'],
    render: (pages, lang) => pages.security({ ...visitor, password: { setAt: undefined } }, lang),
  },
]
