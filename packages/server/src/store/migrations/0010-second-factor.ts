import type { Migration } from '../port/migration.ts'

/** The second factor: secrets of code apps, recovery codes, and the moment of the last proof of a session. */
export const secondFactor: Migration = {
  number: 10,
  name: 'second-factor',
  statements: [
    `create table totp (
      user_id text primary key,
      seal_id text not null,
      sealed {bytes} not null,
      confirmed_at double precision not null,
      last_step bigint not null
    )`,
    `create table recovery_codes (
      hash text primary key,
      user_id text not null,
      made_at double precision not null,
      used_at double precision
    )`,
    `create index recovery_codes_by_user on recovery_codes (user_id)`,
    `alter table sessions add column proved_at double precision not null default 0`,
    `update sessions set proved_at = auth_time`,
  ],
}
