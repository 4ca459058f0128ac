import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Work } from '../method/work.ts'

/** The limit of every durable act: one small change, committed and synced to the disk, in a loop. */
export function prepare(folder: string): Work {
  const database = new DatabaseSync(join(folder, `loop-${process.pid}.sqlite`))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE family (id INTEGER PRIMARY KEY, generation INTEGER) STRICT')
  database.exec('INSERT INTO family VALUES (1, 0)')
  const update = database.prepare('UPDATE family SET generation = generation + 1 WHERE id = 1')
  return (operations) => {
    for (let index = 0; index < operations; index += 1) update.run()
  }
}
