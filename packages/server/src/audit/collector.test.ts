import type { EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuditCollector, type AuditCollector } from './collector.ts'
import type { AuditEvent } from './events.ts'

const context = { requestId: 'r1', address: '192.0.2.1', actor: null }
const refused = {
  event: 'client_refused',
  clientId: 'shop',
  reason: 'wrong_secret',
  count: 1,
  ...context,
} as const
const issued = {
  event: 'token_issued',
  clientId: 'shop',
  audience: 'https://api.test',
  grant: 'client_credentials',
  count: 1,
  jti: null,
  ...context,
} as const

const moment = 1_800_000_000
/** A refusal as it is written, with the moment of the first of its kind. */
const at = (ms: number, event: AuditEvent) => ({ ...event, firstAt: moment + ms / 1_000 })

let now = 0
let written: AuditEvent[] = []
let broken = false
let collector: AuditCollector

beforeEach(() => {
  now = 0
  written = []
  broken = false
  collector = createAuditCollector({
    now: () => (moment + now / 1_000) as EpochSeconds,
    monotonicMs: () => now,
    async append(events) {
      if (broken) throw new Error('no database')
      written.push(...events)
    },
    onFault() {},
  })
})
afterEach(() => collector.close())

test('a refusal is written with the next flush, and further ones once a minute with a count', async () => {
  collector.add(refused)
  await collector.flush()
  expect(written).toEqual([at(0, refused)])
  written = []
  now = 20_000
  for (const requestId of ['r2', 'r3']) collector.add({ ...refused, requestId })
  now = 59_999
  await collector.flush()
  expect(written).toEqual([])
  now = 60_000
  await collector.flush()
  expect(written).toEqual([at(20_000, { ...refused, requestId: 'r2', count: 2 })])
  written = []
  now = 120_001
  await collector.flush()
  collector.add(refused)
  await collector.flush()
  expect(written).toEqual([at(120_001, refused)])
})

test('kinds that were written within the minute count against the limit of kinds', async () => {
  for (let n = 0; n < 1_000; n += 1)
    collector.add({ ...refused, reason: `scope_not_allowed: s${n}` })
  await collector.flush()
  expect(written).toHaveLength(1_000)
  written = []
  now = 1_000
  for (let n = 0; n < 500; n += 1) collector.add({ ...refused, reason: `scope_not_allowed: t${n}` })
  await collector.flush()
  const general = { ...refused, reason: 'scope_not_allowed', address: null, count: 500 }
  expect(written).toEqual([at(1_000, general)])
})

test.each([
  ['another reason', { ...refused, reason: 'disabled' }],
  ['another client', { ...refused, clientId: 'bank' }],
  ['another address', { ...refused, address: '192.0.2.2' }],
])('%s is another event', async (_, other) => {
  collector.add(refused)
  collector.add(other)
  await collector.flush(true)
  expect(written).toEqual([at(0, refused), at(0, other)])
})

test('refusals that differ in what was asked for, or come from everywhere, are no flood of rows', async () => {
  for (let at = 0; at < 5_000; at += 1) {
    collector.add({ ...refused, reason: `scope_not_allowed: s${at}` })
    collector.add({ ...refused, address: `2001:db8::${at.toString(16)}` })
  }
  await collector.flush(true)
  expect(written.slice(0, 2)).toEqual([
    at(0, { ...refused, reason: 'scope_not_allowed: s0' }),
    at(0, { ...refused, address: '2001:db8::0' }),
  ])
  expect(written.slice(1_000)).toEqual([
    at(0, { ...refused, reason: 'scope_not_allowed', address: null, count: 4_500 }),
    at(0, { ...refused, address: null, count: 4_500 }),
  ])
  written = []
  now = 60_001
  await collector.flush()
  collector.add({ ...refused, reason: 'scope_not_allowed: again' })
  await collector.flush(true)
  expect(written).toEqual([at(60_001, { ...refused, reason: 'scope_not_allowed: again' })])
})

test('machine issuance is counted for a second, whatever the address', async () => {
  collector.add(issued)
  collector.add({ ...issued, address: '192.0.2.2' })
  collector.add({ ...issued, audience: 'https://other.test' })
  now = 1000
  await collector.flush()
  expect(written).toEqual([
    { ...issued, count: 2, address: null },
    { ...issued, audience: 'https://other.test' },
  ])
})

test('an event of its own is written with the next flush, each once', async () => {
  const own = { ...issued, jti: 'j1' }
  collector.add(own)
  collector.add(own)
  await collector.flush()
  expect(written).toEqual([own, own])
})

test('events that could not be written wait, and later ones join them', async () => {
  collector.add(issued)
  now = 1000
  broken = true
  await expect(collector.flush()).rejects.toThrow('no database')
  collector.add(issued)
  broken = false
  await collector.flush()
  expect(written).toEqual([{ ...issued, count: 2 }])
})

test('closing writes everything', async () => {
  collector.add(refused)
  await collector.close()
  expect(written).toEqual([at(0, refused)])
})
