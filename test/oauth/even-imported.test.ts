import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { count } from '../counts.ts'
import { databases } from '../store/databases.ts'
import { context } from '../store/records.ts'
import { addUser, password } from './add-user.ts'
import { importUser } from './import-user.ts'
import { api, startService, type Service } from './service.ts'
import { compareTimes, tMax, type Timed } from './timing.ts'

/** Pairs of requests for each row; the short run shows only that both are answered alike, and late enough. */
const pairs = count({ short: 3, long: 5_000 })
const isLong = pairs >= 1_000
const people = count({ short: 2, long: 100 })
const wrong = 'four other words are here'

/** Some 40 ms, the dearest here; some 2 ms; and some 10 ms. The hash of the service takes some 30 ms. */
const hashes = {
  dear: `$pbkdf2-sha512$i=100000$c2FsdA$${'A'.repeat(86)}`,
  cheap: '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  middle: `$scrypt$ln=12,r=8,p=1$c2FsdA$${'A'.repeat(43)}`,
}

const [sqlite] = databases

describe('the time of a refused sign-in does not show whose hash another product made', () => {
  let service: Service
  let agent: Agent
  beforeAll(async () => {
    service = await startService({
      ...(sqlite === undefined ? {} : { kind: sqlite }),
      proxies: ['127.0.0.1'],
      loginClientId: 'app',
    })
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const access = [{ audience: api, scopes: ['read'] }]
    await service.addClient({ id: 'app', authentication: 'none', access })
    for (const [name, hash] of Object.entries(hashes))
      for (let at = 0; at < people; at += 1) await importUser(service, `${name}-${at}`, hash)
    for (let at = 0; at < people; at += 1) {
      await addUser(service, [`own-${at}`])
      await addUser(service, [`none-${at}`], { password: null })
      await service.store.users.disable(await addUser(service, [`disabled-${at}`]), context)
    }
  }, 240_000)
  afterAll(async () => {
    agent.destroy()
    await service.close()
  })

  const attempt =
    (name: string, typed = wrong, among = people) =>
    (at: number): Timed => ({
      url: `${service.issuer}/login`,
      contentType: 'application/json',
      body: JSON.stringify({ username: `${name}-${at % among}`, password: typed }),
    })
  const unknown = attempt('nobody', wrong, Infinity)

  it.each([
    ['the dearest hash of another product', attempt('dear')],
    ['a cheap hash of another product', attempt('cheap')],
    ['a hash of another product between them', attempt('middle')],
    ['a hash of this service', attempt('own')],
    ['no password', attempt('none')],
    ['the right password of a disabled user', attempt('disabled', password)],
  ])(
    '%s, and a name that nobody has',
    async (name, known) => {
      const { t, different } = await compareTimes(agent, pairs, known, unknown)
      expect(different).toEqual([])
      if (isLong) console.log(`note: ${name}: t = ${t.toFixed(1)}`)
      expect(Math.abs(t)).toBeLessThan(isLong ? tMax : Infinity)
    },
    isLong ? 1_800_000 : 30_000,
  )

  it('the right password is answered earlier than a refusal', async () => {
    const timed = async (typed: string) => {
      const began = performance.now()
      const { url, contentType, body } = attempt('own', typed)(0)
      const headers = { 'content-type': contentType }
      const { status } = await fetch(url, { method: 'POST', headers, body })
      return { status, ms: performance.now() - began }
    }
    const [right, refused] = [await timed(password), await timed(wrong)]
    expect([right.status, refused.status]).toEqual([200, 401])
    expect(right.ms).toBeLessThan(refused.ms)
  })
})
