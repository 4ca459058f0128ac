import type { Migration } from '../port/migration.ts'

/** The hash chains of the two logs, and what is known of the present epoch. */
export const logChain: Migration = {
  number: 3,
  name: 'log-chain',
  statements: [
    // Null until the first batch that a program with chains writes. A hash is of the number next to it: a program without
    // chains moves the sequence alone.
    `alter table log_head add column hash text`,
    `alter table log_head add column hash_at bigint`,
    `alter table log_head add column changes_hash text`,
    `alter table log_head add column changes_hash_at bigint`,
    `alter table log_head add column epoch_start double precision not null default 0`,
    // When all that was issued was last revoked by a new epoch.
    `alter table log_head add column fenced_at double precision not null default 0`,
    // In the last entry of each batch.
    `alter table revocations add column hash text`,
    // Of the family of a single token, so that many of one family or client can be counted without their rows.
    `alter table revocations add column sid text`,
    `drop index revocations_by_client`,
    `create index revocations_by_client on revocations (cid, sid, expires_at) where cid is not null`,
    // Of batches of changes, and of batches whose entries are gone.
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
