import { describe, expect, it } from 'vitest'
import type { Moment } from '../policy/moment.ts'
import { ageSeconds, neverFresh, judgeFreshness } from './freshness.ts'

/** A message: its `iat`, and the two clocks when it arrives. Units: seconds from a common start. */
type Arrival = readonly [iat: number, wall: number, monotonic: number]

const start = 1_800_000_000
const moment = (wall: number, monotonic: number): Moment => ({ wall: start + wall, monotonic })

function ageAfter(arrivals: readonly Arrival[], wall: number, monotonic: number): number {
  let freshness = neverFresh
  for (const [iat, ...clocks] of arrivals)
    ({ freshness } = judgeFreshness(freshness, start + iat, moment(...clocks)))
  return ageSeconds(freshness, moment(wall, monotonic))
}

const beats = (count: number, delay: number, skew = 0): Arrival[] =>
  Array.from({ length: count }, (_, n) => [n * 10, n * 10 + delay + skew, n * 10 + delay])

const rows: readonly [name: string, arrivals: readonly Arrival[], now: [number, number], number][] =
  [
    ['no message', [], [5, 5], Infinity],
    ['a message that arrives at once', [[0, 0, 0]], [5, 5], 5],
    ['a message that is 10 s late', [[0, 10, 10]], [12, 12], 12],
    ['a message that arrives at once, on a clock that is 10 s behind', [[0, -10, 0]], [-10, 0], 0],
    ['a line that delays every message by an hour', beats(10, 3600), [3690, 3690], Infinity],
    [
      'a line that begins to delay every message by a minute',
      [...beats(2, 0), [20, 80, 80], [30, 90, 90]],
      [90, 90],
      80,
    ],
    ['a clock that was an hour ahead from the start', beats(10, 0, 3600), [3690, 90], Infinity],
    ['a clock that was an hour behind from the start', beats(10, 0, -3600), [-3510, 90], Infinity],
    ['a machine that was suspended for an hour', [[0, 0, 0]], [3600, 1], 3600],
    [
      'a machine that receives messages again after it was suspended',
      [
        [0, 0, 0],
        [3600, 3600, 1],
      ],
      [3601, 2],
      1,
    ],
    [
      'a machine that first reads old messages in its socket',
      [
        [0, 0, 0],
        [10, 3600, 1],
        [20, 3600, 1],
        [30, 3600, 1],
      ],
      [3600, 1],
      3600,
    ],
    [
      'a message that is repeated for a while after it was suspended',
      [
        [0, 0, 0],
        [0, 3600, 1],
        [0, 3606, 7],
        [0, 3612, 13],
      ],
      [3612, 13],
      3612,
    ],
    [
      'a clock that was set back by an hour',
      [
        [0, 0, 0],
        [10, -3590, 10],
      ],
      [-3585, 15],
      5,
    ],
    [
      'a clock that was set ahead by mistake, before a second message',
      [
        [0, 0, 0],
        [10, 3610, 10],
      ],
      [3612, 12],
      3612,
    ],
    [
      'the same after a second message',
      [
        [0, 0, 0],
        [10, 3610, 10],
        [20, 3620, 20],
      ],
      [3622, 22],
      2,
    ],
    [
      'both clocks of issuer and guard corrected',
      [
        [3600, 3600, 0],
        [10, 10, 10],
      ],
      [11, 11],
      1,
    ],
  ]

describe('the age of entries, by the arrived messages', () => {
  it.each(rows)('%s', (_, arrivals, now, age) => {
    expect(ageAfter(arrivals, ...now)).toBe(age)
  })
})
