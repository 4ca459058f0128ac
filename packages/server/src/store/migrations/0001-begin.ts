import type { Migration } from '../port/migration.ts'

/** The tables of the first release. */
export const begin: Migration = {
  number: 1,
  name: 'begin',
  statements: [
    // One row: the heads of both sequences. A transaction locks it last, so numbers follow commit order.
    `create table log_head (
      one smallint primary key check (one = 1),
      epoch text not null,
      revocations bigint not null,
      changes bigint not null,
      ttl_ceiling double precision not null
    )`,
    `create table clients (
      id text primary key,
      internal_id text not null unique,
      version bigint not null,
      enabled smallint not null,
      authentication text not null,
      secrets text not null,
      jwks text,
      grant_types text not null,
      access text not null,
      dpop_required smallint not null,
      created_at double precision not null
    )`,
    `create table resources (
      audience text primary key,
      scopes text not null,
      token_alg text not null,
      token_ttl_seconds double precision not null,
      token_bytes_max bigint not null,
      encryption text,
      status_list smallint not null,
      client_id text,
      created_at double precision not null
    )`,
    `create table keys (
      kid text primary key,
      alg text not null,
      purpose text not null,
      audience text not null,
      state text not null,
      public_jwk text,
      sealed {bytes} not null,
      announced_at double precision not null,
      activated_at double precision,
      retired_at double precision,
      promised_until double precision not null
    )`,
    `create unique index keys_one_per_state on keys (purpose, alg, audience, state) where state <> 'retired'`,
    // No index on columns that a rotation changes: Postgres then rewrites the row in place.
    `create table families (
      sid text primary key,
      client_id text not null,
      client_version bigint not null,
      subject text not null,
      username text not null,
      access text not null,
      jkt text,
      generation bigint not null,
      current_hash text not null,
      previous_hash text,
      successor_seal {bytes},
      seal_until double precision,
      rotated_at double precision not null,
      opened_at double precision not null,
      idle_expires_at double precision not null,
      expires_at double precision not null
    ) {fill}`,
    `create index families_by_client on families (client_id)`,
    `create table spent (
      mark {bytes} primary key,
      expires_at double precision not null
    )`,
    `create index spent_by_expiry on spent (expires_at)`,
    `create table revocations (
      sequence bigint primary key,
      kind text not null,
      id text not null,
      bound double precision not null,
      cid text,
      added_at double precision not null,
      expires_at double precision not null
    )`,
    `create index revocations_by_target on revocations (kind, id)`,
    `create index revocations_by_expiry on revocations (expires_at)`,
    `create index revocations_by_client on revocations (cid) where cid is not null`,
    `create table changes (
      record text not null,
      id text not null,
      sequence bigint not null unique,
      primary key (record, id)
    )`,
    `create table audit (
      id {identity},
      at double precision not null,
      body text not null,
      segment bigint
    )`,
    `create index audit_unsealed on audit (id) where segment is null`,
    `create index audit_by_segment on audit (segment, id) where segment is not null`,
    `create table audit_segments (
      number bigint primary key,
      first_id bigint not null,
      last_id bigint not null,
      count bigint not null,
      marks {bytes} not null,
      head {bytes} not null,
      sealed_at double precision not null,
      proof {bytes} not null,
      statement text
    )`,
    `create table audit_tip (
      one smallint primary key check (one = 1),
      number bigint not null,
      proof {bytes} not null
    )`,
    `create table leases (
      name text primary key,
      holder text not null,
      expires_at double precision not null
    )`,
  ],
}
