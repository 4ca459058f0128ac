import type { Migration } from '../port/migration.ts'

/** Mail that waits to be sent. A row is written in the transaction of its cause. */
export const outbox: Migration = {
  number: 9,
  name: 'outbox',
  statements: [
    `create table outbox (
      id text primary key,
      recipient_hash text not null,
      user_id text,
      template text not null,
      sealed {bytes} not null,
      created_at double precision not null,
      expires_at double precision not null,
      not_before double precision not null,
      tries bigint not null,
      claim text,
      claimed_until double precision not null
    )`,
    `create index outbox_by_time on outbox (not_before)`,
    `create index outbox_by_end on outbox (expires_at)`,
    `create index outbox_by_user on outbox (user_id) where user_id is not null`,
  ],
}
