import type { EpochSeconds } from '@countersign/jwt'
import { expect, it, test } from 'vitest'
import { createLogAge } from './log-age.ts'

/** A log age whose two clocks the test sets. */
function aLogAge() {
  const clock = { wall: 1_000, monotonicMs: 0 }
  const age = createLogAge({
    now: () => clock.wall as EpochSeconds,
    monotonicMs: () => clock.monotonicMs,
    secondsMax: 5,
  })
  return { clock, age }
}

const read = async () => {}
const failingRead = async () => {
  throw new Error('the database does not answer')
}

it('is too old until the log was read once', async () => {
  const { age } = aLogAge()
  expect(age.isTooOld()).toBe(true)
  await age.during(read)
  expect(age.isTooOld()).toBe(false)
})

test.each([
  { name: 'at the bound', wall: 5, monotonicMs: 5_000, tooOld: false },
  { name: 'beyond the bound', wall: 5.1, monotonicMs: 5_100, tooOld: true },
  { name: 'suspended: only the wall clock moved', wall: 3_600, monotonicMs: 0, tooOld: true },
  { name: 'wall clock set back by an hour', wall: -3_600, monotonicMs: 5_100, tooOld: true },
  { name: 'wall clock set back, read a moment ago', wall: -3_600, monotonicMs: 10, tooOld: false },
])('$name: too old is $tooOld', async ({ wall, monotonicMs, tooOld }) => {
  const { age, clock } = aLogAge()
  await age.during(read)
  clock.wall += wall
  clock.monotonicMs += monotonicMs
  expect(age.isTooOld()).toBe(tooOld)
})

it('counts from the start of a read, because a commit may fall into a slow one', async () => {
  const { age, clock } = aLogAge()
  await age.during(async () => void (clock.monotonicMs += 5_100))
  expect(age.isTooOld()).toBe(true)
})

it('stays as old after a read that fails, and the failure is thrown', async () => {
  const { age, clock } = aLogAge()
  await age.during(read)
  clock.monotonicMs += 5_100
  await expect(age.during(failingRead)).rejects.toThrow('the database does not answer')
  expect(age.isTooOld()).toBe(true)
})

it('stays as young after a slow read that ends after a later one', async () => {
  const { age, clock } = aLogAge()
  let finish = () => {}
  const first = age.during(() => new Promise<void>((resolve) => (finish = resolve)))
  clock.monotonicMs += 4_000
  await age.during(read)
  finish()
  await first
  clock.monotonicMs += 3_000
  expect(age.isTooOld()).toBe(false)
})
