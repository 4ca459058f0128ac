import type { Migration } from '../port/migration.ts'

/** The passkeys of users, and the moment from which a user may be offered one again. */
export const passkeys: Migration = {
  number: 8,
  name: 'passkeys',
  statements: [
    `create table passkeys (
      credential_id text primary key,
      user_id text not null,
      public_key {bytes} not null,
      alg bigint not null,
      counter bigint not null,
      uv_seen smallint not null,
      backup_eligible smallint not null,
      backed_up smallint not null,
      transports text not null,
      aaguid text not null,
      name text not null,
      created_at double precision not null,
      used_at double precision
    )`,
    `create index passkeys_by_user on passkeys (user_id)`,
    `alter table users add column passkey_offer_at double precision`,
  ],
}
