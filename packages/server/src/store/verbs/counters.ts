import type { Counted, CounterVerbs, FullCounter, TakeOutcome } from '../port/counter-verbs.ts'
import { one, run, undo, type Driver, type Verb } from '../port/verb.ts'
import { number } from './columns.ts'

/** The verbs of counters. */
export function counterVerbs({ write }: Driver): CounterVerbs {
  return {
    take: (counters) => write(() => takeAll(counters)),
    forgive: (keys) => write(() => forgiveAll(keys)),
  }
}

// A window that ends later than a new one would was begun before the clock was set back, so it begins again. A full soft
// counter counts on: an attempt that is forgiven takes off its own one only.
const countOne = `insert into counters (key, count, ends_at) values ($1, 1, {now} + $2)
  on conflict (key) do update set
    count = case when counters.ends_at <= {now} or counters.ends_at > {now} + $2 then 1
      else counters.count + 1 end,
    ends_at = case when counters.ends_at <= {now} or counters.ends_at > {now} + $2 then {now} + $2
      else counters.ends_at end
  returning count, ends_at, {now} as now`

function* takeAll(counters: readonly Counted[]): Verb<TakeOutcome> {
  // In one order for all callers, so that two of them never wait for each other.
  const inOrder = counters.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const full: FullCounter[] = []
  for (const { key, max, windowSeconds, isSoft = false } of inOrder) {
    const row = yield* one(countOne, key, windowSeconds)
    if (row === undefined) throw new Error('a counter gave no count')
    if (number(row, 'count') <= max) continue
    const waitSeconds = Math.max(1, Math.ceil(number(row, 'ends_at') - number(row, 'now')))
    if (!isSoft) return yield* undo({ outcome: 'exceeded', key, waitSeconds })
    full.push({ key, waitSeconds })
  }
  return { outcome: 'counted', full }
}

const forgiveOne = `update counters set count = count - 1 where key = $1 and count > 0 and ends_at > {now}`

function* forgiveAll(keys: readonly string[]): Verb<void> {
  for (const key of keys.toSorted()) yield* run(forgiveOne, key)
}
