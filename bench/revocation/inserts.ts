import { join } from 'node:path'
import type { BenchOptions } from '../method/bench.ts'
import { figure } from '../method/figures.ts'
import { faultText, startBenchPostgres } from '../method/postgres.ts'
import { benchFolder } from '../method/places.ts'
import { groupOf, rowOf } from '../method/result.ts'
import type { Group, Table, Target } from '../method/result.ts'
import { measure } from '../method/rounds.ts'
import type { Contender, Effort } from '../method/rounds.ts'
import { ratioOfRounds } from '../method/statistics.ts'
import type { InsertingCase } from './inserting.ts'

const plain = 'without the chain'
const chained = 'with the chain'
const leastRate = 0.95
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
      const addresses = [await postgres.makeDatabase(), await postgres.makeDatabase()]
      groups.push(
        await measureOn('Postgres', (name) => addresses[name === plain ? 0 : 1] ?? '', longRounds),
      )
    } catch (error) {
      missing.push(`revocations appended on Postgres: ${faultText(error)}`)
    } finally {
      await postgres.remove()
    }
  }
  const table = { id: 'inserts', title: 'Revocations appended by 16 writers', note, groups }
  return { table, targets: groups.map(targetOf), missing }
}

async function measureOn(
  name: string,
  databaseOf: (name: string) => string,
  effort: Effort,
): Promise<Group> {
  const contender = (label: string): Contender => {
    const inserting: InsertingCase = { database: databaseOf(label), chain: label === chained }
    return {
      name: label,
      role: label === plain ? 'limit' : 'ours',
      module: join(benchFolder, 'revocation', 'inserting.ts'),
      argument: JSON.stringify(inserting),
    }
  }
  return groupOf(name, await measure([contender(plain), contender(chained)], effort))
}

function targetOf(group: Group): Target {
  const slower = ratioOfRounds(rowOf(group, chained).rounds, rowOf(group, plain).rounds).median
  return {
    what: `${group.name}: rate of revocations with the chain, of the rate without it`,
    target: `≥ ${leastRate}`,
    reached: figure(1 / slower),
    met: 1 / slower >= leastRate,
    reason: 'each batch writes one more row, and both databases wait for the same disk',
  }
}

const note = `The store alone, single revocations, each in its own transaction. The limit is the same store whose statements link nothing.`
