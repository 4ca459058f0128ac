import type { Migration } from '../port/migration.ts'

/** Users, their names, passwords and access, and the counters of their sign-ins. */
export const people: Migration = {
  number: 4,
  name: 'people',
  statements: [
    `create table users (
      id text primary key,
      status text not null,
      version bigint not null,
      handle {bytes} not null unique,
      profile text not null,
      profile_at double precision not null,
      created_at double precision not null
    )`,
    // A name of a user who is gone has no user, and is free from the moment in free_at on.
    `create table user_names (
      key text primary key,
      user_id text,
      kind text not null,
      shown text not null,
      verified_at double precision,
      added_at double precision not null,
      free_at double precision
    )`,
    `create index user_names_by_user on user_names (user_id) where user_id is not null`,
    `create index user_names_reserved on user_names (free_at) where free_at is not null`,
    `create table passwords (
      user_id text primary key,
      hash text not null,
      pepper_id text not null,
      set_at double precision not null,
      must_change smallint not null
    )`,
    `create table user_access (
      user_id text not null,
      audience text not null,
      scopes text not null,
      roles text not null,
      primary key (user_id, audience)
    )`,
    `create index user_access_by_audience on user_access (audience)`,
    `create table counters (
      key text primary key,
      count bigint not null,
      ends_at double precision not null
    )`,
    `create index counters_by_end on counters (ends_at)`,
    // Empty for the families of clients. A rotation changes neither column.
    `alter table families add column user_id text`,
    `alter table families add column user_version bigint`,
    `create index families_by_user on families (user_id) where user_id is not null`,
  ],
}
