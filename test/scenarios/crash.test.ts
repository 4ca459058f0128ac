import { expect, it, onTestFinished } from 'vitest'
import { count } from '../counts.ts'
import { freePort } from '../free-port.ts'
import { logIn, opens } from './ask.ts'
import { aFolder, startDev } from './dev.ts'
import { places } from './places.ts'

const counts: Readonly<Record<string, number>> = {
  SQLite: count({ short: 20, long: 200 }),
  Postgres: count({ short: 8, long: 200 }),
}
const rows = places.map((place) => ({ ...place, kills: counts[place.name] ?? 20 }))

it.each(rows)(
  '$kills kills in a loop of logins lose no token that was answered, on $name',
  { timeout: 60_000 + count({ short: 20, long: 200 }) * 3_000 },
  async ({ open, kills }) => {
    const { env, drop } = await open()
    onTestFinished(drop)
    const folder = aFolder()
    const port = await freePort()
    const answered: string[] = []
    for (let round = 0; round < kills; round += 1) {
      const run = await startDev({ folder, port, env })
      const lost: string[] = []
      for (const token of answered.slice(-50)) if (!(await opens(port, token))) lost.push(token)
      expect(lost).toEqual([])
      let killed = false
      const loops = Array.from({ length: 4 }, async () => {
        while (!killed) {
          const token = await logIn(port).catch(() => undefined)
          if (token !== undefined) answered.push(token)
        }
      })
      const before = answered.length
      while (answered.length < before + 1 + (round % 7))
        await new Promise((resolve) => setImmediate(resolve))
      await run.end('SIGKILL')
      killed = true
      await Promise.all(loops)
    }
    const last = await startDev({ folder, port, env })
    const alive = []
    for (const token of answered) alive.push(await opens(port, token))
    await last.end()
    expect(answered.length).toBeGreaterThan(kills)
    expect(alive.filter((isAlive) => !isAlive)).toEqual([])
  },
)
