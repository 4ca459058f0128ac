import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { formOf, openBrowser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place.close())

it('while the database takes no writes a sign-in is 503, and no try is counted', async () => {
  const browser = openBrowser(node.origin)
  const form = formOf(await browser.get('/sign-in'))
  const send = (typed: string) =>
    browser.post('/sign-in', { form, username: 'ann', password: typed })
  expect((await send('four wrong words here')).status).toBe(403)
  const other = new DatabaseSync(place.databaseUrl, { timeout: 2_000 })
  const counts = () => JSON.stringify(other.prepare('select * from counters order by key').all())
  const before = counts()
  other.exec('begin immediate')
  const statuses = await Promise.all([password, 'four wrong words here'].map(send)).then((pages) =>
    pages.map(({ status }) => status),
  )
  other.exec('rollback')
  expect(statuses).toEqual([503, 503])
  expect(counts()).toBe(before)
  other.close()
  expect((await send(password)).status).toBe(303)
})
