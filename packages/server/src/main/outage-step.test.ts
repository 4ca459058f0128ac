import { describe, expect, it } from 'vitest'
import { stepOutage, type Outage, type OutageEvent, type OutageState } from './outage-step.ts'

const remedy = 'Start it.'
const failed = (cause: string, isRequest = false): OutageEvent => ({
  type: 'failed',
  cause,
  remedy,
  isRequest,
})
const answered: OutageEvent = { type: 'answered' }

/** An outage that began at 0 and was reported then. */
const away: Outage = {
  since: 0,
  cause: 'lost',
  causes: ['lost'],
  refused: 0,
  reportedAt: 0,
  answeredAt: undefined,
}
const calming: Outage = { ...away, refused: 312, answeredAt: 44_000 }

type Row = readonly [
  name: string,
  state: OutageState,
  event: OutageEvent,
  now: number,
  effects: readonly unknown[],
  next: Partial<Outage> | undefined,
]

const rows: readonly Row[] = [
  ['an answer of a database that works is nothing', undefined, answered, 5, [], undefined],
  [
    'the first failure begins an outage',
    undefined,
    failed('refused'),
    5,
    [{ do: 'reportBegin', cause: 'refused', remedy }],
    { since: 5, causes: ['refused'], refused: 0 },
  ],
  [
    'the first failure may be that of a request',
    undefined,
    failed('silent', true),
    5,
    [{ do: 'reportBegin', cause: 'silent', remedy }],
    { refused: 1 },
  ],
  ['the same failure is no line', away, failed('lost'), 59_999, [], { refused: 0 }],
  [
    'a refused request is counted and is no line',
    away,
    failed('lost', true),
    9,
    [],
    { refused: 1 },
  ],
  [
    'another cause is a line',
    away,
    failed('refused', true),
    1_250,
    [{ do: 'reportCause', cause: 'refused', remedy, seconds: 1.3, refused: 1 }],
    { cause: 'refused', causes: ['lost', 'refused'], reportedAt: 1_250 },
  ],
  [
    'a cause that was reported before is no line',
    { ...away, causes: ['lost', 'refused'], cause: 'refused' },
    failed('lost'),
    9,
    [],
    { cause: 'refused' },
  ],
  [
    'an outage that goes on is a line once a minute',
    { ...away, refused: 3 },
    failed('lost'),
    60_000,
    [{ do: 'reportLength', cause: 'lost', seconds: 60, refused: 3 }],
    { reportedAt: 60_000 },
  ],
  ['the first answer is not the end', away, answered, 44_000, [], { answeredAt: 44_000 }],
  ['an answer within a second is not the end', calming, answered, 44_999, [], calming],
  [
    'a failure within a second goes on with the outage',
    calming,
    failed('lost'),
    44_999,
    [],
    { answeredAt: undefined, refused: 312 },
  ],
  [
    'a request refused for the age of the log in that second is counted only',
    calming,
    failed('log_too_old', true),
    44_999,
    [],
    { answeredAt: 44_000, refused: 313 },
  ],
  [
    'answers for a second are the end, which was at the first',
    calming,
    answered,
    45_000,
    [{ do: 'reportEnd', cause: 'lost', seconds: 44, refused: 312 }],
    undefined,
  ],
]

describe('stepOutage', () => {
  it.each(rows)('%s', (_, state, event, now, effects, next) => {
    const step = stepOutage(state, event, now)
    expect(step.effects).toEqual(effects)
    expect(step.state === undefined).toBe(next === undefined)
    expect({ ...step.state }).toMatchObject(next ?? {})
  })
})
