import type { PageRow } from './page-row.ts'

/** The states of the second factor and the fresh proof. */
export const proofRows: readonly PageRow[] = []
