import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { storeFault } from '../store/port/fault.ts'
import { createOutageLog } from './outage.ts'

function aWatch() {
  const lines: string[] = []
  const facts: unknown[] = []
  const write = (level: string) => (fact: unknown, message: string) => {
    facts.push(fact)
    lines.push(`${level} ${message}`)
  }
  const world = { nowMs: 0, writes: false }
  const outage = createOutageLog({
    log: { error: write('error'), warn: write('warn') },
    databaseName: 'Postgres',
    monotonicMs: () => world.nowMs,
    takesWrites: async () => world.writes,
  })
  return { outage, lines, facts, world }
}

const refused = storeFault('unavailable', 'Start Postgres.', { causeName: 'refused' })
const readOnly = storeFault('read_only', 'Name the primary.')

it('writes begin, causes and end of an outage, whatever the number of requests', async () => {
  const { outage, lines, facts, world } = aWatch()
  outage.onBackgroundFault(refused)
  for (let request = 0; request < 312; request += 1) outage.onRequestFault(refused)
  world.nowMs = 20_000
  outage.onBackgroundFault(readOnly)
  world.nowMs = 44_000
  world.writes = true
  for (const nowMs of [44_000, 44_250, 45_000]) {
    world.nowMs = nowMs
    outage.onAnswer()
    await turn()
  }
  outage.onAnswer()
  expect(lines).toEqual([
    'error Postgres fails (connection refused). Start Postgres.',
    'error Postgres still fails, now (read-only). Name the primary.',
    'warn Postgres is back after 44 s, 312 requests refused.',
  ])
  expect(facts).toEqual([
    { event: 'outage_began', cause: 'refused' },
    { event: 'outage_cause', cause: 'read_only', seconds: 20, refused: 312 },
    { event: 'outage_ended', cause: 'read_only', seconds: 44, refused: 312 },
  ])
})

it('does not end an outage while the database is read but takes no writes', async () => {
  const { outage, lines, world } = aWatch()
  outage.onRequestFault(readOnly)
  for (world.nowMs = 0; world.nowMs < 10_000; world.nowMs += 250) {
    outage.onAnswer()
    await turn()
  }
  expect(lines).toHaveLength(1)
})
