import type { Migration } from '../port/migration.ts'

/** Finds the disabled users among all, which each node reads whenever one is disabled or enabled. */
export const disabledUsers: Migration = {
  number: 7,
  name: 'disabled-users',
  statements: [`create index users_disabled on users (id) where status = 'disabled'`],
}
