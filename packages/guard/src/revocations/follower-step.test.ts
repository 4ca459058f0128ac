import { describe, expect, it } from 'vitest'
import type { FeedMessage } from './entries.ts'
import {
  idleFollower,
  type FollowerEffect,
  type FollowerEvent,
  type FollowerPolicy,
  type FollowerState,
  type PageOutcome,
} from './follower-state.ts'
import { stepFollower } from './follower-step.ts'

const start = 1_800_000_000
const streaming: FollowerPolicy = {
  streams: true,
  pollSeconds: 5,
  silenceSeconds: 30,
  retrySeconds: [1, 60],
  leewaySeconds: 10,
}
const polling: FollowerPolicy = { ...streaming, streams: false }

function message(given: Partial<FeedMessage>): FeedMessage {
  const to = given.to ?? 0
  const place = { epoch: 'e1', after: 0, to, head: to, entries: [] }
  const history = { afterHash: '', toHash: '', epochStart: 0 }
  return { iss: 'i', iat: start, keys: 'k1', ...place, ...history, ...given }
}

/** An event without its attempt number. The test adds the present number if the event has none. */
type Event =
  | { readonly page: Partial<FeedMessage> | 'forged'; readonly etag?: string }
  | { readonly answer: Exclude<PageOutcome, { kind: 'page' }> }
  | { readonly event: Partial<FeedMessage> | 'forged'; readonly attemptId?: number }
  | 'start'
  | 'closed'
  | 'timer'
  | 'close'
  | { readonly wake: number }

const failed: Event = { answer: { kind: 'failed', reason: 'page: timed_out' } }
const unchanged: Event = { answer: { kind: 'unchanged' } }
const absent: Event = { answer: { kind: 'absent' } }

function toEvent(event: Event, attemptId: number): FollowerEvent {
  const reader = (given: Partial<FeedMessage> | 'forged') => () =>
    given === 'forged' ? undefined : message(given)
  if (event === 'start') return { type: 'start', known: undefined }
  if (event === 'close') return { type: 'close' }
  if (event === 'closed' || event === 'timer') return { type: event, attemptId }
  if ('wake' in event) return { type: 'wake', olderThanSeconds: event.wake }
  if ('answer' in event) return { type: 'page', attemptId, answer: event.answer }
  if ('event' in event)
    return {
      type: 'message',
      attemptId: event.attemptId ?? attemptId,
      read: reader(event.event),
    }
  return {
    type: 'page',
    attemptId,
    answer: { kind: 'page', read: reader(event.page), etag: event.etag },
  }
}

/** Writes an effect as one line. */
function line(effect: FollowerEffect): string {
  switch (effect.do) {
    case 'fetchPage':
      return `page ${effect.at.epoch}:${effect.at.after}${effect.etag === undefined ? '' : ` if not ${effect.etag}`}`
    case 'openStream':
      return `stream ${effect.at.epoch}:${effect.at.after}`
    case 'wait':
      return `wait ${effect.seconds}${effect.isJittered ? ' jittered' : ''}`
    case 'apply':
    case 'stage':
      return `${effect.do} ${effect.entries.length}`
    default:
      return effect.do
  }
}

/** Plays events, each at its second. Lists the effects of each as one text. */
function play(
  events: readonly (readonly [seconds: number, event: Event])[],
  policy = streaming,
  entriesFree = 1000,
): { readonly state: FollowerState; readonly effects: readonly string[] } {
  let state = idleFollower
  const effects: string[] = []
  for (const [seconds, event] of events) {
    const now = { wall: start + seconds, monotonic: seconds }
    const step = stepFollower(state, toEvent(event, state.attemptId), now, policy, entriesFree)
    state = step.state
    effects.push(step.effects.map(line).join(', '))
  }
  return { state, effects }
}

const entry = (sequence: number, jti: string) => [sequence, 'token', jti, start + 600] as const
type Row = readonly [
  name: string,
  steps: readonly (readonly [seconds: number, event: Event, effects: string])[],
  policy?: FollowerPolicy,
]

const opened = 'report, wait 15, stream e1:0'
const begin = [
  [0, 'start', 'stopTimer, page :0'],
  [0, { page: {} }, `stage 0, adopt, ${opened}`],
] as const

const rows: readonly Row[] = [
  [
    'reads pages up to the head, then the stream from there',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: { to: 1, head: 2, entries: [entry(1, 'a')] } }, 'stage 1, page e1:1'],
      [
        0,
        { page: { after: 1, to: 2, entries: [entry(2, 'b')] } },
        'stage 1, adopt, report, wait 15, stream e1:2',
      ],
    ],
  ],
  [
    'pauses if the same page is answered again, as by a cache that ignores the query',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: { to: 1, head: 2, entries: [entry(1, 'a')] } }, 'stage 1, page e1:1'],
      [
        0,
        { page: { to: 1, head: 2, entries: [entry(1, 'a')] } },
        'stage 1, report, wait 1 jittered',
      ],
    ],
  ],
  [
    'applies the events of the stream',
    [...begin, [1, { event: { to: 1, entries: [entry(1, 'a')] } }, 'apply 1']],
  ],
  [
    'waits for the next event after a partial one',
    [
      ...begin,
      [1, { event: { to: 1, head: 2, entries: [entry(1, 'a')] } }, 'apply 1'],
      [1, { event: { after: 1, to: 2, entries: [entry(2, 'b')] } }, 'apply 1'],
    ],
  ],
  [
    'reads pages again after a lost event',
    [
      ...begin,
      [1, { event: { after: 2, to: 3 } }, 'closeStream, stopTimer, page e1:0'],
      [1, { page: { to: 3 } }, 'report, wait 15, stream e1:3'],
    ],
  ],
  [
    'reads a new snapshot when a new epoch begins',
    [
      ...begin,
      [1, { event: { epoch: 'e2', after: 1, to: 1 } }, 'closeStream, stopTimer, page e1:0'],
      [
        1,
        { page: { epoch: 'e2', to: 1, entries: [entry(1, 'b')] } },
        'stage 1, endEpoch, adopt, report, wait 15, stream e2:1',
      ],
    ],
  ],
  [
    'reads the log from its beginning after a rollback of the database',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: { to: 3, toHash: 'h3' } }, 'stage 0, adopt, report, wait 15, stream e1:3'],
      [
        1,
        { event: { after: 3, to: 3, toHash: 'x' } },
        'unstage, endEpoch, closeStream, stopTimer, page :0',
      ],
      [1, { page: { to: 3, toHash: 'x' } }, 'stage 0, adopt, report, wait 15, stream e1:3'],
    ],
  ],
  [
    'reads the log from its beginning when a page shows the rollback',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: { to: 3, toHash: 'h3' } }, 'stage 0, adopt, report, wait 5'],
      [5, 'timer', 'stopTimer, page e1:3'],
      [5, { page: { to: 3, toHash: 'x' }, etag: '"x"' }, 'unstage, endEpoch, page :0'],
      [5, { page: { to: 3, toHash: 'x' } }, 'stage 0, adopt, report, wait 5'],
    ],
    polling,
  ],
  [
    'closes a stream that sends bytes but no messages',
    [
      ...begin,
      [15, 'timer', 'wait 15'],
      [30, 'timer', 'wait 15'],
      [45, 'timer', 'closeStream, wait 1 jittered'],
    ],
  ],
  [
    'stays on a stream with heartbeats',
    [
      ...begin,
      [10, { event: { iat: start + 10 } }, ''],
      [15, 'timer', 'wait 15'],
      [20, { event: { iat: start + 20 } }, ''],
      [30, 'timer', 'wait 15'],
      [40, { event: { iat: start + 40 } }, ''],
      [45, 'timer', 'wait 15'],
    ],
  ],
  [
    'polls if the stream is refused, and tries the stream again each time',
    [
      ...begin,
      [0, 'closed', 'closeStream, wait 1 jittered'],
      [1, 'timer', 'stopTimer, page e1:0'],
      [1, { page: {} }, opened],
      [1, 'closed', 'closeStream, wait 2 jittered'],
      [3, 'timer', 'stopTimer, page e1:0'],
      [3, { page: {} }, opened],
      [3, 'closed', 'closeStream, wait 4 jittered'],
      [7, 'timer', 'stopTimer, page e1:0'],
      [7, { page: {} }, opened],
      [7, 'closed', 'closeStream, wait 5 jittered'],
    ],
  ],
  [
    'only polls without streams, with the ETag of the last page',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: {}, etag: '"one"' }, 'stage 0, adopt, report, wait 5'],
      [5, 'timer', 'stopTimer, page e1:0 if not "one"'],
      [5, unchanged, 'report, wait 5'],
    ],
    polling,
  ],
  [
    'begins an attempt at once on wake, one attempt at a time',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: {} }, 'stage 0, adopt, report, wait 5'],
      [4, { wake: 5 }, ''],
      [5, { wake: 5 }, 'stopTimer, page e1:0'],
      [5, { wake: 5 }, ''],
      [8, { wake: 0 }, ''],
    ],
    polling,
  ],
  [
    'begins an attempt on wake after its process was frozen during a request',
    [
      [0, 'start', 'stopTimer, page :0'],
      [60, { wake: 5 }, 'stopTimer, page :0'],
    ],
    polling,
  ],
  [
    'waits longer after each page that cannot be verified, up to a minute',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: 'forged' }, 'report, wait 1 jittered'],
      [1, 'timer', 'stopTimer, page :0'],
      [1, { page: 'forged' }, 'report, wait 2 jittered'],
      [3, 'timer', 'stopTimer, page :0'],
      [3, { page: 'forged' }, 'report, wait 4 jittered'],
      [7, 'timer', 'stopTimer, page :0'],
      [7, { page: 'forged' }, 'report, wait 8 jittered'],
      [15, 'timer', 'stopTimer, page :0'],
      [15, { page: 'forged' }, 'report, wait 16 jittered'],
      [31, 'timer', 'stopTimer, page :0'],
      [31, { page: 'forged' }, 'report, wait 32 jittered'],
      [63, 'timer', 'stopTimer, page :0'],
      [63, { page: 'forged' }, 'report, wait 60 jittered'],
    ],
  ],
  [
    'asks each second while a node answers with a lower head',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, { page: { to: 3 } }, 'stage 0, adopt, report, wait 15, stream e1:3'],
      [1, 'closed', 'closeStream, wait 1 jittered'],
      [2, 'timer', 'stopTimer, page e1:3'],
      [2, { page: { to: 1, iat: start + 2 } }, 'report, wait 15, stream e1:3'],
      [2, 'closed', 'closeStream, wait 1 jittered'],
      [3, 'timer', 'stopTimer, page e1:3'],
      [3, { page: { to: 1, iat: start + 3 } }, 'report, wait 15, stream e1:3'],
      [3, 'closed', 'closeStream, wait 1 jittered'],
    ],
  ],
  [
    'asks an issuer without a feed at most once a minute',
    [
      [0, 'start', 'stopTimer, page :0'],
      [0, absent, 'report, wait 60 jittered'],
    ],
  ],
  [
    'fetches keys when the issuer announces others',
    [...begin, [1, { event: { iat: start + 1, keys: 'k2' } }, 'fetchKeys']],
  ],
  [
    'fetches keys after each of two changes within ten seconds, as when two keys are burnt in a row',
    [
      ...begin,
      [1, { event: { iat: start + 1, keys: 'k2' } }, 'fetchKeys'],
      [2, { event: { iat: start + 2, keys: 'k3' } }, 'fetchKeys'],
    ],
  ],
  [
    'fetches keys five times at once, then once in ten seconds, for any number of announcements',
    [
      ...begin,
      [1, { event: { iat: start + 1, keys: 'k2' } }, 'fetchKeys'],
      [1, { event: { iat: start + 1, keys: 'k3' } }, 'fetchKeys'],
      [1, { event: { iat: start + 1, keys: 'k4' } }, 'fetchKeys'],
      [1, { event: { iat: start + 1, keys: 'k5' } }, 'fetchKeys'],
      [1, { event: { iat: start + 1, keys: 'k6' } }, 'fetchKeys'],
      [2, { event: { iat: start + 2, keys: 'k7' } }, ''],
      [3, { event: { iat: start + 3, keys: 'k2' } }, ''],
      [11, { event: { iat: start + 11, keys: 'k2' } }, 'fetchKeys'],
      [12, { event: { iat: start + 12, keys: 'k3' } }, ''],
      [21, { event: { iat: start + 21, keys: 'k3' } }, 'fetchKeys'],
    ],
  ],
  [
    'pauses if an issuer always answers with a gap',
    [
      ...begin,
      ...[1, 2, 3].flatMap(
        () =>
          [
            [1, { event: { after: 8, to: 9 } }, 'closeStream, stopTimer, page e1:0'],
            [1, { page: {} }, opened],
          ] as const,
      ),
      [1, { event: { after: 8, to: 9 } }, 'closeStream, wait 1 jittered'],
    ],
  ],
  [
    'ignores events of an earlier stream',
    [
      ...begin,
      [1, { event: { after: 2, to: 3 } }, 'closeStream, stopTimer, page e1:0'],
      [1, { page: { to: 3 } }, 'report, wait 15, stream e1:3'],
      [1, { event: { after: 9, to: 9 }, attemptId: 2 }, ''],
    ],
  ],
  [
    'stops when closed',
    [
      ...begin,
      [1, 'close', 'stopTimer, closeStream, report'],
      [2, { event: { to: 1 } }, ''],
      [2, 'timer', ''],
      [2, { wake: 0 }, ''],
    ],
  ],
]

describe('a follower', () => {
  const named = rows.map(([name, steps, policy]) => ({ name, steps, policy }))
  it.each(named)('$name', ({ steps, policy }) => {
    const events = steps.map(([seconds, event]) => [seconds, event] as const)
    expect(play(events, policy).effects).toEqual(steps.map(([, , effects]) => effects))
  })

  it('begins with the entries of an earlier start', () => {
    const ended = [{ epoch: 'e0', issuedUpTo: start, entries: [entry(0, 'b')] }]
    const known = { epoch: 'e1', sequence: 4, entries: [entry(0, 'a')], ended }
    const now = { wall: start, monotonic: 0 }
    const { effects } = stepFollower(idleFollower, { type: 'start', known }, now, streaming, 9)
    expect(effects.map(line)).toEqual(['apply 1', 'applyEnded', 'stopTimer', 'page e1:4'])
  })

  it('counts forged, repeated and misplaced messages', () => {
    const event = { event: { to: 1, entries: [entry(1, 'a')] } }
    const { state } = play([
      ...begin.map(([at, each]) => [at, each] as const),
      [1, event],
      [1, { event: 'forged' }],
      [1, event],
    ])
    expect([state.ignored, state.mode]).toEqual([2, 'stream'])
  })

  it('polls after a stream that broke before its first message', () => {
    expect(
      play([
        [0, 'start'],
        [0, { page: {} }],
        [0, 'closed'],
      ]).state.mode,
    ).toBe('poll')
  })

  it.each<[string, Event, string]>([
    ['no answer', failed, 'page: timed_out'],
    ['a forged page', { page: 'forged' }, 'forged'],
    ['no feed', absent, 'no_feed'],
    ['more entries than fit', { page: { to: 2, entries: [entry(1, 'a'), entry(2, 'b')] } }, 'full'],
  ])('names its failure: %s', (_, event, failure) => {
    expect(
      play(
        [
          [0, 'start'],
          [0, event],
        ],
        streaming,
        1,
      ).state.failure,
    ).toBe(failure)
  })
})

describe('a follower in an outage', () => {
  it('asks each second for a minute, then with growing pauses', () => {
    const tries = Array.from({ length: 66 }, () => [[1, failed] as const, [1, 'timer'] as const])
    const { effects } = play([[0, 'start'], ...tries.flat()])
    const waits = effects.filter((each) => each.startsWith('report, wait'))
    expect(waits.slice(0, 60)).toEqual(Array(60).fill('report, wait 1 jittered'))
    expect(waits.slice(60)).toEqual(
      [2, 4, 8, 16, 32, 60].map((seconds) => `report, wait ${seconds} jittered`),
    )
  })
})

describe('a follower of a hostile feed', () => {
  const begun = begin.map(([at, event]) => [at, event] as const)
  const repeat = (count: number, event: Event, seconds = 1) =>
    Array.from({ length: count }, () => [seconds, event] as const)

  it('closes a stream that floods, verifies no message beyond its allowance, and polls', () => {
    const { effects, state } = play([...begun, ...repeat(601, { event: {} })])
    expect(effects.slice(-2)).toEqual(['', 'closeStream, wait 1 jittered'])
    expect(state.failure).toBe('flood')
  })

  it('accepts three hundred messages a second', () => {
    const second = (seconds: number) => repeat(300, { event: { iat: start + seconds } }, seconds)
    const { state } = play([...begun, ...[1, 2, 3, 4, 5, 6].flatMap(second)])
    expect(state.phase).toBe('stream')
  })

  it('waits longer for a stream that floods each time it opens', () => {
    const round = [...repeat(601, { event: {} }), [1, 'timer'], [1, { page: {} }]] as const
    const { effects } = play([...begun, ...round, ...round, ...round])
    expect(effects.filter((each) => each.startsWith('closeStream'))).toEqual([
      'closeStream, wait 1 jittered',
      'closeStream, wait 2 jittered',
      'closeStream, wait 4 jittered',
    ])
  })

  it('closes a stream after twenty forged messages', () => {
    const { effects, state } = play([...begun, ...repeat(21, { event: 'forged' })])
    expect(effects.slice(-2)).toEqual(['', 'closeStream, wait 1 jittered'])
    expect([state.failure, state.ignored]).toEqual(['forged', 21])
  })

  it('reads a thousand pages of an endless snapshot, then pauses and continues there', () => {
    const pages = Array.from(
      { length: 1000 },
      (_, after) => [0, { page: { after, to: after + 1, head: 1e9 } }] as const,
    )
    const { effects } = play([[0, 'start'], ...pages, [1, 'timer']])
    expect(effects.slice(-2)).toEqual([
      'stage 0, report, wait 1 jittered',
      'stopTimer, page e1:1000',
    ])
  })

  it('leaves a stream of more entries than fit, and tries again after the longest pause', () => {
    const many = { event: { to: 2, entries: [entry(1, 'a'), entry(2, 'b')] } }
    const { effects, state } = play([...begun, [1, many]], streaming, 1)
    expect(effects.at(-1)).toBe('closeStream, wait 60 jittered')
    expect([state.failure, state.log.isFull]).toEqual(['full', true])
  })
})
