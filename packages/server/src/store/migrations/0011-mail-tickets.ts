import type { Migration } from '../port/migration.ts'

/** Tickets whose secret travels by mail, as a link and as a code, and accounts that proved no address yet. */
export const mailTickets: Migration = {
  number: 11,
  name: 'mail-tickets',
  statements: [
    // Empty for a ticket that never travels by mail.
    `alter table tickets add column link_hash text`,
    `alter table tickets add column code_expires_at double precision`,
    `create unique index tickets_by_link on tickets (link_hash) where link_hash is not null`,
    `create index tickets_by_name on tickets (name_key) where name_key is not null`,
    `create index users_unverified on users (created_at) where status = 'unverified'`,
  ],
}
