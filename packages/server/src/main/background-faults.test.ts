import { expect, it } from 'vitest'
import type { LogFacts } from '../http/log.ts'
import { storeFault } from '../store/port/fault.ts'
import { createBackgroundFaults } from './background-faults.ts'

it('logs the same fault once a minute with its repeats, and another fault at once', () => {
  const lines: LogFacts[] = []
  let now = 0
  const say = createBackgroundFaults(
    { error: (facts) => void lines.push(facts) },
    () => now,
    () => {},
  )
  for (let poll = 0; poll < 100; poll += 1) {
    say(new Error('the database is away'))
    now += 250
  }
  say(new Error('the disk is full'))
  now += 60_000
  say(new Error('the database is away'))
  expect(lines.map(({ detail, repeats }) => [detail, repeats])).toEqual([
    ['the database is away', 0],
    ['the disk is full', 0],
    ['the database is away', 99],
  ])
})

it('leaves faults of the store to the log of outages', () => {
  const lines: LogFacts[] = []
  const faults: unknown[] = []
  const log = { error: (facts: LogFacts) => void lines.push(facts) }
  const say = createBackgroundFaults(
    log,
    () => 0,
    (fault) => void faults.push(fault.kind),
  )
  say(storeFault('unavailable', 'away'))
  expect([lines, faults]).toEqual([[], ['unavailable']])
})
