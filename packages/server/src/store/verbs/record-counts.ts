import type { RecordCounts } from '../port/store.ts'
import { one, type Verb } from '../port/verb.ts'
import { number } from './columns.ts'

/** Counting goes on up to here, because a table of users may be too large to be counted at a start. */
const recordsCountedMax = 100_000

const upTo = (table: string) =>
  `(select count(*) from (select 1 from ${table} limit ${recordsCountedMax}) as some_${table}) as ${table}`

const countAll = `select ${['clients', 'resources', 'users'].map(upTo).join(', ')}`

/** Counts the records that an operator adds. */
export function* countRecords(): Verb<RecordCounts> {
  const row = yield* one(countAll)
  if (row === undefined) throw new Error('the database gave no counts')
  return {
    clients: number(row, 'clients'),
    resources: number(row, 'resources'),
    users: number(row, 'users'),
  }
}
