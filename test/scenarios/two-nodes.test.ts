import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { startNode, tokensIn, type TestNode } from '../faults/start-node.ts'
import { createDatabase } from '../postgres/shared.ts'
import { randomId, startOfTime } from '../store/ids.ts'

const context = { requestId: 'operator', address: null, actor: 'operator' }

const places = [
  {
    name: 'one SQLite file',
    make: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'countersign-nodes-'))
      return { url: join(folder, 'a.db'), drop: () => rm(folder, { recursive: true }) }
    },
  },
  { name: 'one Postgres', make: () => createDatabase() },
]

describe.each(places)('two nodes on $name', ({ make }) => {
  let place: Awaited<ReturnType<typeof make>>
  let one: TestNode
  let other: TestNode
  /** The store that an operator's command line would use. */
  let store: Store
  beforeAll(async () => {
    place = await make()
    one = await startNode(place.url)
    other = await startNode(place.url)
    store = await openStore(place.url, { now: () => startOfTime, randomId })
  })
  afterAll(async () => {
    await store.close()
    await one.stop()
    await other.stop()
    await place.drop()
  })
  const soon = { timeout: 1000, interval: 10 }

  test('one admits a token that the other issued', async () => {
    expect(await other.ask(await tokensIn(await one.login()))).toBe(200)
    expect(await one.ask(await tokensIn(await other.login()))).toBe(200)
  })

  test('a family goes on wherever it is refreshed; uses that meet get one successor', async () => {
    const first = await tokensIn(await one.login())
    const uses = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).refresh(first))
    const tokens = await Promise.all((await Promise.all(uses)).map(tokensIn))
    expect(new Set(tokens.map(({ refresh_token }) => refresh_token)).size).toBe(1)
    const [next] = tokens
    if (next === undefined) throw new Error('no successor')
    const third = await tokensIn(await other.refresh(next))
    expect((await one.refresh(first)).status).toBe(400)
    expect((await other.refresh(third)).status).toBe(400)
    await vi.waitFor(async () => expect(await one.ask(third)).toBe(400), soon)
    await vi.waitFor(async () => expect(await other.ask(third)).toBe(400), soon)
  })

  test('one refuses a token within a second after the other revoked it', async () => {
    const tokens = await tokensIn(await one.login())
    expect(await other.ask(tokens)).toBe(200)
    expect((await one.revoke(tokens.access_token)).status).toBe(200)
    await vi.waitFor(async () => expect(await other.ask(tokens)).toBe(400), soon)
  })

  test('a key rotated: both sign with the new one, and nothing live is refused', async () => {
    const before = await tokensIn(await one.login())
    const keys = await store.keys.list()
    const standby = keys.find(({ purpose, state }) => purpose === 'token' && state === 'announced')
    expect(await store.keys.advance(standby?.kid ?? '', 'announced', 'active', context)).toBe(
      'advanced',
    )
    await vi.waitFor(async () => {
      for (const node of [one, other]) {
        const { access_token } = await tokensIn(await node.login())
        expect(kidOf(access_token)).toBe(standby?.kid)
        expect(await one.ask({ access_token })).toBe(200)
        expect(await other.ask({ access_token })).toBe(200)
      }
    }, soon)
    expect(await one.ask(before)).toBe(200)
    expect(await other.ask(before)).toBe(200)
  })

  test('a client disabled at one is refused by the other, tokens and all, and enabled again at once', async () => {
    const tokens = await tokensIn(await one.login())
    expect(await store.clients.disable('foo', context)).toBe('disabled')
    for (const node of [one, other]) {
      await vi.waitFor(async () => expect(await node.ask(tokens)).toBe(400), soon)
      await vi.waitFor(async () => expect((await node.login()).status).toBe(401), soon)
    }
    expect((await other.refresh(tokens)).status).toBe(401)
    expect(await store.clients.enable('foo', context)).toBe('enabled')
    for (const node of [one, other]) {
      await vi.waitFor(async () => {
        const again = await node.login()
        expect(again.status).toBe(200)
        expect(await other.ask(await tokensIn(again))).toBe(200)
      }, soon)
    }
  })
})

function kidOf(token: string): unknown {
  const header: { kid?: string } = JSON.parse(
    Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
  )
  return header.kid
}
