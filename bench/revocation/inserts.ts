import { join } from 'node:path'
import type { BenchOptions } from '../method/bench.ts'
import { figure } from '../method/figures.ts'
import { faultText, startBenchPostgres, type BenchPostgres } from '../method/postgres.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Table, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import type { Contender, Effort } from '../method/rounds.ts'
import { ratioOfRounds } from '../method/statistics.ts'
import type { InsertingCase } from './inserting.ts'

const plain = 'without the chain'
const chained = 'with the chain'
const quiet = 'without notifications'
const leastRate = 0.95
const leastRateNotifying = 0.9
/** A batch of 16 writers waits for the disk, so a round holds many batches. Units: milliseconds. */
const roundMillis = 250

/** Measures the cost of the log's hash chain: how many revocations 16 writers append, with it and without it. */
export async function measureInserts({ effort, folder }: BenchOptions): Promise<{
  readonly table: Table
  readonly targets: readonly Target[]
  readonly missing: readonly string[]
}> {
  const longRounds = { ...effort, batchMillis: roundMillis }
  const groups = [await measureOn('SQLite', (name) => join(folder, `${name}.db`), longRounds)]
  const missing: string[] = []
  const postgres = await startBenchPostgres()
  if ('missing' in postgres) missing.push(postgres.missing)
  else {
    try {
      groups.push(await measureOnPostgres(postgres, longRounds))
    } catch (error) {
      missing.push(`revocations appended on Postgres: ${faultText(error)}`)
    } finally {
      await postgres.remove()
    }
  }
  const table = { id: 'inserts', title: 'Revocations appended by 16 writers', note, groups }
  return { table, targets: groups.flatMap(targetsOf), missing }
}

async function measureOn(
  name: string,
  databaseOf: (name: string) => string,
  effort: Effort,
): Promise<Group> {
  const contenders = [plain, chained].map((label) => contender(label, databaseOf(label)))
  return groupOf(name, await measure(contenders, effort))
}

async function measureOnPostgres(postgres: BenchPostgres, effort: Effort): Promise<Group> {
  const contenders: Contender[] = []
  for (const label of [plain, chained, quiet])
    contenders.push(contender(label, await postgres.makeDatabase()))
  return groupOf('Postgres', await measure(contenders, effort))
}

function contender(label: string, database: string): Contender {
  const inserting: InsertingCase = {
    database,
    chain: label !== plain,
    notifies: label !== quiet,
  }
  return {
    name: label,
    role: label === chained ? 'ours' : 'limit',
    module: join(benchFolder, 'revocation', 'inserting.ts'),
    argument: JSON.stringify(inserting),
  }
}

function targetsOf(group: Group): readonly Target[] {
  const chain: Target = {
    what: `${group.name}: rate of revocations with the chain, of the rate without it`,
    target: `≥ ${leastRate}`,
    ...reachedBy(group, plain, leastRate),
    reason: 'each batch writes one more row, and both databases wait for the same disk',
  }
  if (!group.rows.some(({ name }) => name === quiet)) return [chain]
  const notifications: Target = {
    what: `${group.name}: rate of revocations with notifications, of the rate without them`,
    target: `≥ ${leastRateNotifying}`,
    ...reachedBy(group, quiet, leastRateNotifying),
    reason: 'a notification is a transaction of its own, one for all commits of a burst',
  }
  return [chain, notifications]
}

function reachedBy(
  group: Group,
  limit: string,
  least: number,
): { readonly reached: string; readonly met: boolean } {
  const slower = ratioOfRounds(rowOf(group, chained).rounds, rowOf(group, limit).rounds).median
  return { reached: figure(1 / slower), met: 1 / slower >= least }
}

const note = `The store alone, single revocations, each in its own transaction. The limits are the same store whose statements link nothing, and one that notifies no other node.`
