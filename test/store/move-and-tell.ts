import { moveDatabase } from '../../packages/server/src/store/move/move-database.ts'
import { randomId, startOfTime } from './ids.ts'
import { context } from './records.ts'

// Moves a database and tells each table before its rows. Where the table is the one of the last argument, it is killed.
const [from = '', to = '', last] = process.argv.slice(2)
await moveDatabase(
  {
    from,
    to,
    onTable(name) {
      process.stdout.write(`${name}\n`)
      if (name === last) process.kill(process.pid, 'SIGKILL')
    },
  },
  { now: () => startOfTime, randomId },
  context,
)
