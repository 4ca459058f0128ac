import type { Migration } from '../port/migration.ts'

/** Browser sessions, and tickets, which are used once. */
export const sessions: Migration = {
  number: 6,
  name: 'sessions',
  statements: [
    // A session is a family with this row. A row without its family is ended, and is pruned.
    `create table sessions (
      sid text primary key,
      user_id text not null,
      browser_hash text not null,
      auth_time double precision not null,
      amr text not null,
      acr text not null,
      persistent smallint not null,
      agent text not null,
      network text not null,
      dbsc_key text,
      last_seen double precision not null
    )`,
    `create index sessions_by_user on sessions (user_id)`,
    `create table tickets (
      hash text primary key,
      purpose text not null,
      user_id text,
      name_key text,
      browser_hash text not null,
      code_hash text,
      payload text not null,
      attempts_left bigint not null,
      expires_at double precision not null
    )`,
    `create index tickets_by_user on tickets (user_id) where user_id is not null`,
    `create index tickets_by_end on tickets (expires_at)`,
  ],
}
