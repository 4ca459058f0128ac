import type { PageRow } from './page-row.ts'

/** The states of sign-up, codes and links by mail, reset, invitation and addresses. */
export const addressRows: readonly PageRow[] = []
