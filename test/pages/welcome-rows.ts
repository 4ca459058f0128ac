import type { PageRow } from './page-row.ts'

/** The states of the welcome page and the inbox of `dev`. */
export const welcomeRows: readonly PageRow[] = []
