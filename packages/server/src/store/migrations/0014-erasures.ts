import type { Migration } from '../port/migration.ts'

/** The moment at which a user is to be erased, and the one of the first sign-in. Both are empty for most users. */
export const erasures: Migration = {
  number: 14,
  name: 'erasures',
  statements: [
    `alter table users add column erase_at double precision`,
    `alter table users add column signed_in_at double precision`,
    `create index users_erasing on users (erase_at) where erase_at is not null`,
  ],
}
