import type { Migration } from '../port/migration.ts'
import { begin } from './0001-begin.ts'

/** All steps of the schema, in order. */
export const migrations: readonly Migration[] = [begin]
