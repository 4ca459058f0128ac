import type { ChangeRecord } from '../port/records.ts'
import type { ChangeVerbs } from '../port/store.ts'
import { all, one, type Driver, type Row, type Verb } from '../port/verb.ts'
import { number, text } from './columns.ts'

/** The verbs of the log of changes, which other processes follow. */
export function changeVerbs({ read, onCommit }: Driver): ChangeVerbs {
  return {
    head: () => read(head),
    since: (sequence, limit) => read(() => since(sequence, limit)),
    onCommit: (listener) =>
      onCommit((topic) => {
        if (topic !== 'outbox') listener(topic)
      }),
  }
}

function* head(): Verb<number> {
  const row = yield* one(`select changes from log_head where one = 1`)
  if (row === undefined) throw new Error('the log has no head')
  return number(row, 'changes')
}

const selectSince = `select sequence, record, id from changes where sequence > $1 order by sequence limit $2`

function* since(sequence: number, limit: number): Verb<readonly ChangeRecord[]> {
  return (yield* all(selectSince, sequence, limit)).map((row) => ({
    sequence: number(row, 'sequence'),
    table: tableOf(row),
    id: text(row, 'id'),
  }))
}

function tableOf(row: Row): ChangeRecord['table'] {
  const name = text(row, 'record')
  switch (name) {
    case 'clients':
    case 'resources':
    case 'keys':
    case 'users':
    case 'foreign_schemes':
      return name
    default:
      throw new TypeError('the change is of an unknown record')
  }
}
