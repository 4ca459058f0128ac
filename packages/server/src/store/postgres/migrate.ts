import type pg from 'pg'
import type { StoreDeps } from '../port/deps.ts'
import {
  checksumOf,
  migrationTableSql,
  pendingMigrations,
  type AppliedMigration,
  type Migration,
} from '../port/migration.ts'
import type { Row } from '../port/verb.ts'
import type { Connections } from './connections.ts'
import { faultOf, isConnectionLoss } from './faults.ts'

// The number is arbitrary; all processes of this program use the same one.
const migrationLock = 0x4353474e

/**
 * Lists the schema steps that a database lacks. `apply` runs them in one transaction, under a lock that a second process
 * waits for. `refuse` throws when there are any.
 * Throws: `schema` faults; errors of Postgres.
 */
export async function migratePostgres(
  { transactions, render }: Connections,
  { randomId }: Pick<StoreDeps, 'randomId'>,
  known: readonly Migration[],
  mode: 'apply' | 'list' | 'refuse',
): Promise<readonly Migration[]> {
  const client = await transactions.connect()
  let failure: unknown
  try {
    const pending = pendingMigrations(await appliedOn(client), known)
    if (pending.length === 0 || mode === 'list') return pending
    if (mode === 'refuse') throw faultOf('schema')
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
    await client.query(migrationTableSql)
    const left = pendingMigrations(await appliedOn(client), known)
    for (const step of left) await apply(client, render, step)
    await client.query(
      `insert into log_head (one, epoch, revocations, changes, ttl_ceiling) values (1, $1, 0, 0, 0)
       on conflict (one) do nothing`,
      [randomId()],
    )
    await client.query('commit')
    return left
  } catch (thrown) {
    failure = thrown
    if (!isConnectionLoss(thrown)) await client.query('rollback')
    throw thrown
  } finally {
    transactions.release(client, failure)
  }
}

async function apply(
  client: pg.PoolClient,
  render: Connections['render'],
  step: Migration,
): Promise<void> {
  for (const statement of step.statements) await client.query(render(statement))
  await client.query(
    render(
      `insert into schema_migrations (number, name, checksum, applied_at) values ($1, $2, $3, {now})`,
    ),
    [step.number, step.name, checksumOf(step)],
  )
}

async function appliedOn(client: pg.PoolClient): Promise<readonly AppliedMigration[]> {
  const there = await client.query<Row>(
    `select to_regclass('schema_migrations') is not null as there`,
  )
  if (there.rows[0]?.['there'] !== true) return []
  const { rows } = await client.query<Row>('select number, checksum from schema_migrations')
  return rows.map((row) => ({ number: Number(row['number']), checksum: String(row['checksum']) }))
}
