import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { count } from '../counts.ts'
import { compareTimes, tMax, type Timed } from '../oauth/timing.ts'
import { context } from '../store/records.ts'
import { formOf, openBrowser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

/** Pairs of requests for each row; the short run shows only that both are answered alike. */
const pairs = count({ short: 5, long: 5_000 })
const isLong = pairs >= 1_000
/** So many that none is locked by the guesses of this test. */
const people = count({ short: 2, long: 100 })
const lockedPeople = 5
const wrong = 'four other words are here'

describe.each(['sqlite', 'postgres'] as const)('the sign-in page of a refused try on %s', (on) => {
  let place: Place
  let node: Node
  let agent: Agent
  let form = ''
  let cookie = ''
  beforeAll(async () => {
    place = await openPlace({ on, proxies: ['127.0.0.1'] })
    node = await place.startNode()
    agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let at = 0; at < people; at += 1) {
      await place.addUser(`active-${at}`)
      await place.store.users.disable(await place.addUser(`disabled-${at}`), context)
    }
    for (let at = 0; at < lockedPeople; at += 1) {
      const key = `password user ${await place.addUser(`locked-${at}`)}`
      const full = { key, max: 1_000, windowSeconds: 3_600 }
      await place.store.counters.take(Array.from({ length: 101 }, () => full))
    }
    const browser = openBrowser(node.origin)
    form = formOf(await browser.get('/sign-in'))
    cookie = `cs-b=${browser.jar.get('cs-b')}`
  }, 120_000)
  afterAll(async () => {
    agent?.destroy()
    await place?.close()
  })

  const attempt =
    (kind: string, typed: string, among = people) =>
    (at: number): Timed => {
      const username = `${kind}-${at % among}`
      return {
        url: `${node.origin}/sign-in`,
        contentType: 'application/x-www-form-urlencoded',
        headers: { cookie, 'sec-fetch-site': 'same-origin', accept: 'text/html' },
        body: new URLSearchParams({ form, username, password: typed }).toString(),
        repeated: username,
      }
    }
  const unknown = attempt('nobody', wrong, Infinity)

  it.each([
    ['a wrong password', attempt('active', wrong)],
    ['the right password of a disabled user', attempt('disabled', password)],
    ['a wrong password of a disabled user', attempt('disabled', wrong)],
    ['the right password of a locked user', attempt('locked', password, lockedPeople)],
  ])(
    'is for %s as for a name that nobody has, in the same time',
    async (name, known) => {
      const { t, different } = await compareTimes(agent, pairs, known, unknown)
      expect(different).toEqual([])
      if (isLong) console.log(`note: ${on}, ${name}: t = ${t.toFixed(1)}`)
      expect(Math.abs(t)).toBeLessThan(isLong ? tMax : Infinity)
    },
    isLong ? 900_000 : 30_000,
  )

  it('differs for a right password', async () => {
    const { different } = await compareTimes(agent, 1, attempt('active', password), unknown)
    expect(different).toHaveLength(1)
  })
})
