import type { Migration } from '../port/migration.ts'

/** Places in Token Status Lists. */
export const statusLists: Migration = {
  number: 2,
  name: 'status-lists',
  statements: [
    `create table status_lists (
      id text primary key,
      audience text not null,
      opened_at double precision not null
    )`,
    `create index status_lists_by_audience on status_lists (audience, opened_at)`,
    `create table status_entries (
      list text not null,
      position bigint not null,
      owner text not null unique,
      sid text,
      cid text not null,
      cv bigint not null,
      issued_after double precision not null,
      expires_at double precision not null,
      primary key (list, position)
    )`,
    `create index status_entries_by_expiry on status_entries (expires_at)`,
  ],
}
