import type { PageRow } from './page-row.ts'

/** The states of passkeys. */
export const passkeyRows: readonly PageRow[] = []
