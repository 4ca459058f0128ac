import { createGuard, type Guard } from '@countersign/guard'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { count } from '../counts.ts'
import { freePort } from '../free-port.ts'
import { startPair, type Pair } from '../postgres/pair.ts'
import { ask, caughtUp, promote } from '../postgres/standby.ts'
import { askGuard, idOf, manyTokens, watchGuard } from './drill.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { startNode, type NodeOptions, type TestNode, type Tokens } from './start-node.ts'

const lostPerDrill = count({ short: 5, long: 50 })
let pair: Pair
let closers: (() => Promise<unknown> | void)[]

beforeEach(async () => {
  closers = []
  pair = await startPair()
  closers.push(() => pair.remove())
  await ask(pair.primary().url, 'create database drill')
}, 120_000)
afterEach(async () => {
  for (const close of closers.toReversed()) await close()
}, 60_000)

async function aNode(address: string, options: NodeOptions): Promise<TestNode> {
  const node = await startNode(address, options)
  closers.push(() => node.stop().catch(() => {}))
  return node
}

async function aGuard(issuer: string): Promise<Guard> {
  const guard = createGuard({ issuer, audience: `${issuer}/protected` })
  closers.push(() => guard.close())
  await guard.ready()
  return guard
}

async function revokeNow(node: TestNode, tokens: readonly Tokens[]): Promise<void> {
  for (const { access_token } of tokens) expect((await node.revoke(access_token)).status).toBe(200)
}

/** Waits until a node answers, and says how long that took. Units: milliseconds. */
async function served(node: TestNode): Promise<number> {
  const since = performance.now()
  await vi.waitFor(async () => expect((await fetch(`${node.origin}/readyz`)).status).toBe(200), {
    timeout: 10_000,
    interval: 20,
  })
  return performance.now() - since
}

/** Waits until all tokens are refused everywhere named, and says how long that took. Units: milliseconds. */
async function refusedBy(
  where: { readonly guards: readonly Guard[]; readonly nodes: readonly TestNode[] },
  tokens: readonly Tokens[],
  withinMs: number,
): Promise<number> {
  const since = performance.now()
  await vi.waitFor(
    async () => {
      for (const token of tokens)
        for (const guard of where.guards) expect(await askGuard(guard, token)).toBe('refused')
      for (const node of where.nodes) {
        const statuses = await Promise.all(tokens.map((token) => node.ask(token)))
        expect(new Set(statuses)).toEqual(new Set([400]))
      }
    },
    { timeout: withinMs, interval: 20 },
  )
  return performance.now() - since
}

/** Ends the primary as in a crash; the standby, which was away for a while, becomes the primary without the last writes. */
async function loseLastWrites(): Promise<void> {
  await pair.primary().stop('immediate')
  await pair.standby().start()
  await promote(pair.standby())
  pair.swap()
}

test('revocations that a surviving node saw are enforced everywhere, and later ones reach the guard', async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`
  const port = Number(new URL(issuer).port)
  const surviving = await aNode(pair.address('drill'), { port })
  const other = await aNode(pair.address('drill'), { issuer })
  const guard = await aGuard(issuer)
  const [lost, later] = [await manyTokens(surviving, lostPerDrill), await manyTokens(other, 3)]
  await caughtUp(pair.primary(), pair.standby())
  await pair.standby().stop('immediate')
  await revokeNow(surviving, lost)
  await refusedBy({ guards: [guard], nodes: [surviving, other] }, lost, 2000)

  const watch = watchGuard(guard, lost)
  await loseLastWrites()
  await served(surviving)
  const healedMs = await refusedBy(
    { guards: [await aGuard(issuer)], nodes: [surviving, other] },
    lost,
    2000,
  )
  for (const token of later) {
    await revokeNow(other, [token])
    await refusedBy({ guards: [guard], nodes: [surviving, other] }, [token], 1000)
  }
  expect(await watch.stop()).toEqual([])
  const rows = await ask(drillUrl(), `select id from revocations where kind = 'token'`)
  expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(lost.map(idOf)))
  const events = await ask(drillUrl(), `select 1 from audit where body like '%log_went_back%'`)
  expect(events).toHaveLength(1)
  process.stdout.write(
    `note: asynchronous failover: ${lost.length} lost revocations enforced everywhere ${Math.round(healedMs)} ms after the first answer\n`,
  )
})

test(
  'a revocation that only a guard saw stays enforced at that guard without a break',
  { timeout: 90_000 },
  async () => {
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}`
    const gone = await aNode(pair.address('drill'), { port })
    const guard = await aGuard(issuer)
    const [seen, later] = [await manyTokens(gone, 3), await manyTokens(gone, 3)]
    await caughtUp(pair.primary(), pair.standby())
    await pair.standby().stop('immediate')
    await revokeNow(gone, seen)
    await refusedBy({ guards: [guard], nodes: [] }, seen, 1000)

    const watch = watchGuard(guard, seen)
    await pair.primary().stop('immediate')
    await gone.stop().catch(() => {})
    await pair.standby().start()
    await promote(pair.standby())
    pair.swap()
    const fresh = await aNode(pair.address('drill'), { port })
    const [first, ...others] = later
    if (first === undefined) throw new Error('no token')
    // In an outage the guard tries each second. The first entry shows it that the log went back.
    await revokeNow(fresh, [first])
    const foundMs = await refusedBy({ guards: [guard], nodes: [fresh] }, [first], 2000)
    for (const token of others) {
      await revokeNow(fresh, [token])
      await refusedBy({ guards: [guard], nodes: [fresh] }, [token], 1000)
    }
    // The feed was read again by now, and the entries that it lost are kept.
    expect(await watch.stop()).toEqual([])
    process.stdout.write(
      `note: no node survived: the guard followed the shorter log ${Math.round(foundMs)} ms after its first entry\n`,
    )
  },
)

test(
  'two primaries for five seconds: what either acknowledged is enforced everywhere afterwards',
  { timeout: 60_000 },
  async () => {
    const issuer = `http://127.0.0.1:${await freePort()}`
    const port = Number(new URL(issuer).port)
    const toStandby = await startProxy(pair.standby().url)
    closers.push(() => toStandby.close())
    const moves = await aNode(pair.address('drill'), { port })
    const stays = await aNode(addressThrough(toStandby), { issuer })
    const guard = await aGuard(issuer)
    const tokens = await manyTokens(moves, 8)
    await caughtUp(pair.primary(), pair.standby())

    toStandby.refuse(true)
    await promote(pair.standby())
    await vi.waitFor(async () => {
      await revokeNow(moves, tokens.slice(0, 1))
      const url = new URL(pair.standby().url)
      url.pathname = '/drill'
      expect(await ask(url.href, 'select 1 from revocations')).toHaveLength(1)
    }, 4000)
    const until = performance.now() + 5000
    await revokeNow(moves, tokens.slice(1, 4))
    await revokeNow(stays, tokens.slice(4))
    await pause(until - performance.now())
    toStandby.refuse(false)
    pair.swap()
    await pair.standby().stop('immediate')
    await served(stays)
    const fresh = await aGuard(issuer)
    const healedMs = await refusedBy(
      { guards: [guard, fresh], nodes: [moves, stays] },
      tokens,
      4000,
    )
    process.stdout.write(
      `note: two primaries for five seconds: ${tokens.length} revocations enforced everywhere ${Math.round(healedMs)} ms after one was left\n`,
    )
  },
)

test('replica lag: nothing is read from the standby, however far it is behind', async () => {
  const node = await aNode(pair.address('drill'), { port: await freePort() })
  const guard = await aGuard(node.origin)
  await caughtUp(pair.primary(), pair.standby())
  await ask(pair.standby().url, 'select pg_wal_replay_pause()')
  const tokens = await manyTokens(node, 3)
  await revokeNow(node, tokens)
  await refusedBy({ guards: [guard], nodes: [node] }, tokens, 1000)
  // It has received what it has not replayed, so a promotion loses nothing.
  await pair.failOver()
  await served(node)
  await refusedBy({ guards: [guard, await aGuard(node.origin)], nodes: [node] }, tokens, 1000)
  const events = await ask(drillUrl(), `select 1 from audit where body like '%log_went_back%'`)
  expect(events).toEqual([])
})

function drillUrl(): string {
  const url = new URL(pair.primary().url)
  url.pathname = '/drill'
  return url.href
}

/** The address of both servers for a node that reaches the standby through a proxy. */
function addressThrough(proxy: Proxy): string {
  return pair.address('drill').replace(`:${pair.standby().port}/`, `:${new URL(proxy.url).port}/`)
}
