import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The rows that a busy service has in its database. */
export const manyClients = 10_000
export const manyFamilies = 100_000

/**
 * Adds clients like the demo client, and live families of it, to the database of a data folder that no
 * process has open.
 */
export function fillDatabase(folder: string): void {
  const database = new DatabaseSync(join(folder, 'data', 'countersign.db'))
  const now = Math.floor(Date.now() / 1000)
  const numbers = (count: number): string =>
    `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})`
  database.exec('begin')
  database.exec(`${numbers(manyClients)}
    insert into clients (id, internal_id, version, enabled, authentication, secrets, jwks, grant_types, access,
      dpop_required, created_at)
    select 'client-' || n, 'internal-' || n, version, enabled, authentication, secrets, jwks,
      grant_types, access, dpop_required, created_at
    from numbers, (select * from clients limit 1)`)
  database.exec(`${numbers(manyFamilies)}
    insert into families (sid, client_id, client_version, subject, username, access, jkt, generation, current_hash,
      previous_hash, successor_seal, seal_until, rotated_at, opened_at, idle_expires_at, expires_at)
    select 'family-' || n, id, version, 'user-' || n, 'user-' || n, access, null, 1,
      lower(hex(randomblob(22))), null, null, null, ${now}, ${now}, ${now + 86_400}, ${now + 864_000}
    from numbers, (select * from clients limit 1)`)
  database.exec('commit')
  database.close()
}
