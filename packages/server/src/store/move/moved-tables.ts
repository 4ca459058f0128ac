/** How the rows of one table move to another database. */
export interface MovedTable {
  readonly name: string
  /**
   * `copy`: they go to an empty table. `replace`: the one row of a new schema gives way to them.
   * `leave`: they concern the old database only.
   */
  readonly rows: 'copy' | 'replace' | 'leave'
  /** The primary key that the database numbers. New numbers go on after the highest that was ever given. */
  readonly identity?: string
}

/** All tables of the schema. The move refuses a database with a table that is not in this list. */
export const movedTables: readonly MovedTable[] = [
  { name: 'schema_migrations', rows: 'leave' },
  { name: 'log_head', rows: 'replace' },
  { name: 'log_links', rows: 'copy' },
  { name: 'clients', rows: 'copy' },
  { name: 'resources', rows: 'copy' },
  { name: 'keys', rows: 'copy' },
  { name: 'families', rows: 'copy' },
  { name: 'users', rows: 'copy' },
  { name: 'user_names', rows: 'copy' },
  { name: 'passwords', rows: 'copy' },
  { name: 'foreign_schemes', rows: 'copy' },
  { name: 'passkeys', rows: 'copy' },
  { name: 'user_access', rows: 'copy' },
  { name: 'totp', rows: 'copy' },
  { name: 'recovery_codes', rows: 'copy' },
  { name: 'counters', rows: 'copy' },
  { name: 'sessions', rows: 'copy' },
  { name: 'tickets', rows: 'copy' },
  { name: 'outbox', rows: 'copy' },
  { name: 'authorizations', rows: 'copy' },
  { name: 'consents', rows: 'copy' },
  { name: 'codes', rows: 'copy' },
  { name: 'client_sessions', rows: 'copy' },
  { name: 'spent', rows: 'copy' },
  { name: 'revocations', rows: 'copy' },
  { name: 'changes', rows: 'copy' },
  { name: 'status_lists', rows: 'copy' },
  { name: 'status_entries', rows: 'copy' },
  { name: 'audit', rows: 'copy', identity: 'id' },
  { name: 'audit_segments', rows: 'copy' },
  { name: 'audit_tip', rows: 'copy' },
  // A lease belongs to a process of the old database.
  { name: 'leases', rows: 'leave' },
]
