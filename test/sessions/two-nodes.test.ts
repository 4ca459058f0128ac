import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { formOf, openBrowser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

const soon = { timeout: 1_000, interval: 10 }

describe.each(['sqlite', 'postgres'] as const)('two nodes on %s', (on) => {
  let place: Place
  let one: Node
  let other: Node
  beforeAll(async () => {
    // Half of it is one period, in real time.
    place = await openPlace({ on, tokenTtlSeconds: 4 })
    one = await place.startNode()
    other = await place.startNode()
    await place.addUser('ann')
  })
  afterAll(() => place.close())

  it('a form of one node is taken by the other, and its session is known to both', async () => {
    const browser = openBrowser(one.origin)
    const form = formOf(await browser.get('/sign-in'))
    const page = await browser
      .at(other.origin)
      .post('/sign-in', { form, username: 'ann', password })
    expect(page.status).toBe(303)
    expect((await browser.get('/session/check')).status).toBe(204)
  })

  it('requests of one period at both nodes cause one rotation, and all get the same secret', async () => {
    const browser = openBrowser(one.origin)
    await browser.signIn('ann')
    const later = openBrowser(one.origin)
    await later.signIn('ann')
    // The first session is due when the later one is.
    await vi.waitFor(
      async () => expect((await later.get('/session/check')).cookies).toContain('cs-r'),
      { timeout: 10_000, interval: 50 },
    )
    const tabs = Array.from({ length: 20 }, (_, index) =>
      browser.copy().at(index % 2 === 0 ? one.origin : other.origin),
    )
    const copies = tabs.map((tab) => tab.copy())
    const pages = await Promise.all(copies.map((tab) => tab.get('/session/check')))
    expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 204))
    const secrets = copies.map(({ jar }) => jar.get('cs-r'))
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).not.toBe(browser.jar.get('cs-r'))
    expect((await (copies[0] ?? browser).get('/session/check')).status).toBe(204)
  })

  it('a sign-out at one node is one at the other at once', async () => {
    const browser = openBrowser(one.origin)
    await browser.signIn('ann')
    const old = browser.copy().at(other.origin)
    await browser.signOut()
    expect((await old.get('/session/check')).status).toBe(401)
  })

  it('a user who is disabled is signed out at both nodes', async () => {
    const id = await place.addUser('leaving')
    const browser = openBrowser(one.origin)
    await browser.signIn('leaving')
    await place.store.users.disable(id, { requestId: 't', address: null, actor: 'operator' })
    for (const node of [one, other])
      await vi.waitFor(
        async () =>
          expect((await browser.copy().at(node.origin).get('/session/check')).status).toBe(401),
        soon,
      )
  })

  it('tries at both nodes are counted together', async () => {
    await place.addUser('guessed')
    const statuses: number[] = []
    for (let at = 0; at < 11; at += 1) {
      const browser = openBrowser(at % 2 === 0 ? one.origin : other.origin)
      const page = await browser.signIn('guessed', { password: `four wrong words ${at}` })
      statuses.push(page.status)
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429])
  })
})
