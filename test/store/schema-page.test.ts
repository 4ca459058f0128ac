import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { databases } from './databases.ts'

test('the drawn schema names every table and column there is, and no other', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/storage.md'), 'utf8')
  const [sqlite] = databases
  const database = await sqlite?.start()
  const columns = await database?.sql(
    `select m.name as "table", c.name as "column" from sqlite_schema m join pragma_table_info(m.name) c
     where m.type = 'table' and m.name not like 'sqlite_%'`,
  )
  await database?.close()
  const there = (columns ?? []).map((row) => `${String(row['table'])}.${String(row['column'])}`)
  expect(drawn(page).toSorted()).toEqual(there.toSorted())
})

/** `table.column` for each line of the entity diagram. */
function drawn(page: string): string[] {
  const names: string[] = []
  let table = ''
  const start = page.indexOf('erDiagram')
  for (const line of page.slice(start, page.indexOf('```', start)).split('\n')) {
    const [first = '', second = ''] = line.trim().split(' ')
    if (second === '{') table = first
    else if (first === '}') table = ''
    else if (table !== '') names.push(`${table}.${second}`)
  }
  return names
}
