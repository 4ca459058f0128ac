import type { PageRow } from './page-row.ts'

/** The states of the account pages. */
export const accountRows: readonly PageRow[] = []
