import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { isStoreFault } from '../../packages/server/src/store/port/fault.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { startPair, type Pair } from '../postgres/pair.ts'
import { ask, caughtUp, promote } from '../postgres/standby.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient, context } from '../store/records.ts'
import { startProxy } from './proxy.ts'

let pair: Pair
let store: Store
let calls: Calls
let stopCalling: () => Promise<Calls>

beforeAll(async () => {
  pair = await startPair()
})
afterAll(() => pair.remove())
beforeEach(async () => {
  await ask(pair.primary().url, 'drop database if exists drill with (force)')
  await ask(pair.primary().url, 'create database drill')
})
afterEach(() => store.close())

const deps = { now: () => startOfTime, randomId, migrate: true, poolMax: 5 }

async function openOn(address: string): Promise<void> {
  store = await openStore(address, deps)
  await store.clients.add(aClient, context)
  await caughtUp(pair.primary(), pair.standby())
  stopCalling = callSteadily()
}

interface Calls {
  servedSoFar: number
  /** The kinds of the faults that were thrown. */
  readonly faults: Set<string>
}

/** Four callers at some four writes a second each, so that no connection is idle for long. */
function callSteadily(): () => Promise<Calls> {
  const mine: Calls = { servedSoFar: 0, faults: new Set() }
  let going = true
  calls = mine
  const callers = [0, 60, 120, 180].map(async (offsetMs) => {
    await pause(offsetMs)
    while (going) {
      try {
        await store.clients.change('shop', {}, false, context)
        mine.servedSoFar += 1
      } catch (thrown) {
        mine.faults.add(isStoreFault(thrown) ? thrown.kind : String(thrown))
      }
      await pause(240)
    }
  })
  return async () => {
    going = false
    await Promise.all(callers)
    return mine
  }
}

/** Waits until writes are taken, and says how long that took. */
async function servedAgain(): Promise<number> {
  const since = performance.now()
  await vi.waitFor(() => store.clients.change('shop', {}, false, context), {
    timeout: 10_000,
    interval: 20,
  })
  return performance.now() - since
}

test('several hosts: the promoted one is used at once', async () => {
  await openOn(pair.address('drill'))
  await pair.failOver()
  expect(await servedAgain()).toBeLessThan(1000)
  const { faults } = await stopCalling()
  expect([...faults].filter((kind) => kind !== 'unavailable' && kind !== 'read_only')).toEqual([])
  await pair.bringBack()
})

test('one address that moves: connections to the former primary leave the pool under steady traffic', async () => {
  const url = new URL(pair.primary().url)
  url.pathname = '/drill'
  const proxy = await startProxy(url.href)
  await openOn(proxy.url)
  await pair.failOver()
  // The former primary is back at its place and takes reads only.
  await pair.bringBack()
  await vi.waitFor(
    async () => expect(await store.health()).toMatchObject({ detail: 'read_only' }),
    {
      timeout: 5000,
      interval: 50,
    },
  )
  proxy.leadTo(pair.primary().port)
  expect(await servedAgain()).toBeLessThan(5000)
  const { servedSoFar } = calls
  await vi.waitFor(() => expect(calls.servedSoFar - servedSoFar).toBeGreaterThan(8), {
    timeout: 5000,
    interval: 50,
  })
  await stopCalling()
  await proxy.close()
})

test('two primaries: the one that was promoted last is used, though the other still answers', async () => {
  await openOn(pair.address('drill'))
  await promote(pair.standby())
  const sessions = `select 1 from pg_stat_activity where datname = 'drill' and application_name = 'countersign'`
  await vi.waitFor(async () => expect(await ask(pair.standby().url, sessions)).not.toEqual([]), {
    timeout: 3000,
    interval: 50,
  })
  await vi.waitFor(async () => expect(await ask(pair.primary().url, sessions)).toEqual([]), {
    timeout: 2000,
    interval: 50,
  })
  const { faults } = await stopCalling()
  expect([...faults]).toEqual([])
  pair.swap()
  await pair.bringBack()
})
