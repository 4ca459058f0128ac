import type { Migration } from '../port/migration.ts'

/** Password hashes of other products, by the way they were made, and the dearest of each way. */
export const foreignHashes: Migration = {
  number: 12,
  name: 'foreign-hashes',
  statements: [
    // Empty for a hash of this service.
    `alter table passwords add column scheme text`,
    `create index passwords_by_scheme on passwords (scheme) where scheme is not null`,
    `create table foreign_schemes (
      scheme text primary key,
      work double precision not null,
      example text not null,
      imported_at double precision not null
    )`,
  ],
}
