import type { Migration } from '../port/migration.ts'

/** Roles and plain claims of clients, as JSON texts. */
export const clientClaims: Migration = {
  number: 5,
  name: 'client-claims',
  statements: [
    `alter table clients add column roles text not null default '[]'`,
    `alter table clients add column claims text not null default '{}'`,
  ],
}
