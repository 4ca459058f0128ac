import type { Migration } from '../port/migration.ts'

/** The hash chains of the two logs, and the start of the present epoch. */
export const logChain: Migration = {
  number: 3,
  name: 'log-chain',
  statements: [
    // Null until a program that knows chains writes a batch. The number next to a hash says which sequence it belongs to,
    // because an older program raises the sequence alone.
    `alter table log_head add column hash text`,
    `alter table log_head add column hash_at bigint`,
    `alter table log_head add column changes_hash text`,
    `alter table log_head add column changes_hash_at bigint`,
    `alter table log_head add column epoch_start double precision not null default 0`,
    // When a new epoch last revoked all tokens.
    `alter table log_head add column fenced_at double precision not null default 0`,
    // In the last entry of each batch.
    `alter table revocations add column hash text`,
    // The family of a single token. The index counts the tokens of one family or client without reading rows.
    `alter table revocations add column sid text`,
    `drop index revocations_by_client`,
    `create index revocations_by_client on revocations (cid, sid, expires_at) where cid is not null`,
    // Hashes of batches of changes, and of batches whose entries are deleted.
    `create table log_links (
      log text not null,
      sequence bigint not null,
      hash text not null,
      expires_at double precision not null,
      primary key (log, sequence)
    )`,
    `create index log_links_by_expiry on log_links (expires_at)`,
    // The user whose tokens share a place.
    `alter table status_entries add column subject text`,
    `alter table status_entries add column uv bigint`,
    `create index clients_disabled on clients (internal_id) where enabled = 0`,
  ],
}
