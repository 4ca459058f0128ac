import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { count } from '../counts.ts'
import { databases } from '../store/databases.ts'
import { api, type Service, startService } from './service.ts'
import { context } from '../store/records.ts'
import { addUser, password } from './add-user.ts'
import { compareTimes, tMax, type Timed } from './timing.ts'

/** Pairs of requests for each row; the short run shows only that both are answered alike. */
const pairs = count({ short: 5, long: 5_000 })
const isLong = pairs >= 1_000
/** So many that none is locked by the guesses of this test. */
const people = count({ short: 2, long: 100 })
const lockedPeople = 5
const wrong = 'four other words are here'

describe.each(databases)('the time of a refused sign-in tells nothing, on $name', (kind) => {
  let service: Service
  let agent: Agent
  beforeAll(async () => {
    service = await startService({ kind, proxies: ['127.0.0.1'], loginClientId: 'app' })
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const access = [{ audience: api, scopes: ['read'] }]
    await service.addClient({ id: 'app', authentication: 'none', access })
    // One hash for all, because it takes long and its text does not matter.
    const hash = await service.passwords.hash(password)
    const one = { ...service, passwords: { ...service.passwords, hash: async () => hash } }
    for (let at = 0; at < people; at += 1) {
      await addUser(one, [`active-${at}`])
      await addUser(one, [`changing-${at}`], { mustChange: true })
      await addUser(one, [`none-${at}`], { password: null })
      await service.store.users.disable(await addUser(one, [`disabled-${at}`]), context)
    }
    for (let at = 0; at < lockedPeople; at += 1) {
      const key = `password user ${await addUser(one, [`locked-${at}`])}`
      const full = { key, max: 1_000, windowSeconds: 3_600 }
      await service.store.counters.take(Array.from({ length: 101 }, () => full))
    }
  }, 120_000)
  afterAll(async () => {
    agent.destroy()
    await service.close()
  })

  const attempt =
    (name: string, typed: string, among = people) =>
    (at: number): Timed => ({
      url: `${service.issuer}/login`,
      contentType: 'application/json',
      body: JSON.stringify({ username: `${name}-${at % among}`, password: typed }),
    })
  const unknown = (at: number) => attempt('nobody', wrong, Infinity)(at)

  it.each([
    ['a wrong password', attempt('active', wrong)],
    ['the right password of a disabled user', attempt('disabled', password)],
    ['a wrong password of a disabled user', attempt('disabled', wrong)],
    ['the right password of a locked user', attempt('locked', password, lockedPeople)],
    ['a wrong password of a user who must change it', attempt('changing', wrong)],
    ['a user without a password', attempt('none', wrong)],
  ])(
    '%s, and a name that nobody has',
    async (name, known) => {
      const { t, different } = await compareTimes(agent, pairs, known, unknown)
      expect(different).toEqual([])
      if (isLong) console.log(`note: ${kind.name}, ${name}: t = ${t.toFixed(1)}`)
      expect(Math.abs(t)).toBeLessThan(isLong ? tMax : Infinity)
    },
    isLong ? 900_000 : 30_000,
  )
})
