import { createGuard, type Guard } from '@countersign/guard'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { rotateKeys } from '../../packages/server/src/admin/keys.ts'
import { keyTimes } from '../../packages/server/src/config/defaults.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { count } from '../counts.ts'
import { freePort } from '../free-port.ts'
import { startPair, type Pair } from '../postgres/pair.ts'
import { ask } from '../postgres/standby.ts'
import { askGuard, idOf, manyTokens, revokeAll } from './drill.ts'
import { startNode, type TestNode } from './start-node.ts'

const sealingKey = new Uint8Array(32).fill(5)
let pair: Pair
let node: TestNode
let guard: Guard

beforeAll(async () => {
  pair = await startPair()
  await ask(pair.primary().url, 'create database drill')
  await pair.synchronise()
  node = await startNode(pair.address('drill'), { port: await freePort(), sealingKey })
  guard = createGuard({ issuer: node.origin, audience: `${node.origin}/protected` })
  await guard.ready()
}, 120_000)
afterAll(async () => {
  guard.close()
  await node.stop()
  await pair.remove()
})

const tokensPerDrill = count({ short: 60, long: 450 })

function drillUrl(): string {
  const url = new URL(pair.primary().url)
  url.pathname = '/drill'
  return url.href
}

test.each(['the standby takes over', 'the former primary returned as standby and takes over'])(
  '%s: no acknowledged revocation is lost, and answers come again within a second',
  { timeout: 120_000 },
  async (name) => {
    const tokens = await manyTokens(node, tokensPerDrill)
    const revoking = revokeAll(node, tokens)
    await vi.waitFor(
      () => expect(revoking.acknowledged.length).toBeGreaterThan(tokensPerDrill / 3),
      { timeout: 20_000, interval: 2 },
    )
    const killedAt = performance.now()
    await pair.failOver()
    const promotedAt = performance.now()
    await revoking.done

    const again = revoking.acknowledged.find(({ at }) => at > promotedAt)?.at ?? Infinity
    expect(again - promotedAt).toBeLessThan(1000)
    expect(revoking.refusals.filter((status) => status !== 503)).toEqual([])
    const rows = await ask(drillUrl(), `select id from revocations where kind = 'token'`)
    const kept = new Set(rows.map(({ id }) => id))
    const lost = revoking.acknowledged.filter(({ token }) => !kept.has(idOf(token)))
    expect(lost).toEqual([])
    await vi.waitFor(
      async () => {
        for (const token of tokens) expect(await askGuard(guard, token)).toBe('refused')
      },
      { timeout: 1000, interval: 20 },
    )
    process.stdout.write(
      `note: synchronous failover, ${name}: ${revoking.acknowledged.length} revocations acknowledged, 0 lost, ` +
        `${revoking.refusals.length} answers 503, promoted ${Math.round(promotedAt - killedAt)} ms after the kill, ` +
        `answered ${Math.round(again - killedAt)} ms after it\n`,
    )
    await pair.bringBack()
    await pair.synchronise()
  },
)

test('promotion during a key rotation: no live token is refused, and one key is active', async () => {
  const { now, randomBytes, randomId } = processSystem()
  const store = await openStore(pair.address('drill'), { now, randomId })
  const seals = createSeals(sealingKey, randomBytes)
  const ring = createKeyRing({
    store: store.keys,
    seals,
    times: keyTimes,
    now,
    randomId,
    randomBytes,
  })
  await ring.start()
  const audit = { requestId: 'drill', address: null, actor: 'operator' }
  const rotate = () =>
    rotateKeys({ force: true }, { store, ring, seals, now, randomBytes, randomId, audit }, keyTimes)
  const before = await manyTokens(node, 3)
  const rotating = rotate().then(
    () => 'done',
    () => 'to be asked again',
  )
  await pair.failOver()
  await rotating
  await vi.waitFor(
    async () => {
      await ring.refresh()
      expect((await rotate()).ok).toBe(true)
    },
    { timeout: 5000, interval: 50 },
  )
  const after = await manyTokens(node, 3)
  for (const token of [...before, ...after]) {
    expect(await node.ask(token)).toBe(200)
    await vi.waitFor(async () => expect(await askGuard(guard, token)).toBe('admitted'), {
      timeout: 2000,
      interval: 20,
    })
  }
  const doubled = await ask(
    drillUrl(),
    `select purpose, alg, audience from keys where state = 'active' group by 1, 2, 3 having count(*) > 1`,
  )
  expect(doubled).toEqual([])
  await store.close()
  await pair.bringBack()
})
