import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { isStoreFault } from '../../packages/server/src/store/port/fault.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import {
  addressOf,
  ask,
  caughtUp,
  primarySettings,
  promote,
  rejoin,
  startStandby,
} from '../postgres/standby.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient, context } from '../store/records.ts'
import { startProxy } from './proxy.ts'

/** The two servers, in the order in which the address names them. */
let servers: readonly PostgresServer[]
let primary: PostgresServer
let standby: PostgresServer
let store: Store
let stopCalling: () => Promise<Outcomes>

beforeAll(async () => {
  primary = await startPostgres(primarySettings)
  standby = await startStandby(primary, 'standby')
  servers = [primary, standby]
})
afterAll(async () => {
  await standby.remove()
  await primary.remove()
})
beforeEach(async () => {
  await ask(primary.url, 'drop database if exists drill with (force)')
  await ask(primary.url, 'create database drill')
})
afterEach(() => store.close())

const deps = { now: () => startOfTime, randomId, migrate: true, poolMax: 5 }

async function openOn(address: string): Promise<void> {
  store = await openStore(address, deps)
  await store.clients.add(aClient, context)
  await caughtUp(primary, standby)
  stopCalling = callSteadily()
}

/** The moments at which writes were answered, and the kinds of the faults. Units: milliseconds. */
interface Outcomes {
  readonly servedAt: readonly number[]
  readonly faults: ReadonlySet<string>
}

/** Four callers at some four writes a second each, so that no connection is idle for long. */
function callSteadily(): () => Promise<Outcomes> {
  const servedAt: number[] = []
  const faults = new Set<string>()
  let going = true
  const callers = [0, 60, 120, 180].map(async (offsetMs) => {
    await pause(offsetMs)
    while (going) {
      try {
        await store.clients.change('shop', {}, false, context)
        servedAt.push(performance.now())
      } catch (thrown) {
        faults.add(isStoreFault(thrown) ? thrown.kind : String(thrown))
      }
      await pause(240)
    }
  })
  return async () => {
    going = false
    await Promise.all(callers)
    return { servedAt, faults }
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

function swap(): void {
  const former = primary
  primary = standby
  standby = former
}

test('several hosts: the promoted one is used at once', async () => {
  await openOn(addressOf(servers, 'drill'))
  await primary.stop('immediate')
  await promote(standby)
  expect(await servedAgain()).toBeLessThan(1000)
  const { faults } = await stopCalling()
  expect([...faults].filter((kind) => kind !== 'unavailable' && kind !== 'read_only')).toEqual([])
  await rejoin(primary, standby)
  swap()
})

test('one address that moves: connections to the former primary leave the pool under steady traffic', async () => {
  const url = new URL(primary.url)
  url.pathname = '/drill'
  const proxy = await startProxy(url.href)
  await openOn(proxy.url)
  await primary.stop('fast')
  await promote(standby)
  // The former primary is back at its place and takes reads only.
  await rejoin(primary, standby)
  await pause(1500)
  proxy.leadTo(standby.port)
  const movedAt = performance.now()
  expect(await servedAgain()).toBeLessThan(5000)
  await pause(1000)
  const { servedAt } = await stopCalling()
  // Four callers at four a second, but for those that were waiting.
  expect(servedAt.filter((at) => at > movedAt + 300).length).toBeGreaterThan(6)
  await proxy.close()
  swap()
})

test('two primaries: the one that was promoted last is used, though the other still answers', async () => {
  await openOn(addressOf(servers, 'drill'))
  await promote(standby)
  const sessions = `select 1 from pg_stat_activity where datname = 'drill' and application_name = 'countersign'`
  await vi.waitFor(async () => expect(await ask(standby.url, sessions)).not.toEqual([]), {
    timeout: 3000,
    interval: 50,
  })
  await servedAgain()
  await pause(300)
  const { faults } = await stopCalling()
  expect([...faults]).toEqual([])
  expect(await ask(primary.url, sessions)).toEqual([])
  await primary.stop('immediate')
  await rejoin(primary, standby)
  swap()
})
