import { exportJwk, createKeySet, generateKey, publicKeyOf, unwrap } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { defaultRemoteKeyTimes as times } from './fetched.ts'
import {
  initialFetched,
  setInForce,
  stepFetched,
  type FetchedEvent,
  type FetchedState,
} from './fetched-step.ts'
import { ageBetween, longAgo, type Moment } from '../policy/moment.ts'

const at = (seconds: number, monotonic = seconds): Moment => ({ wall: seconds, monotonic })
const jwk = exportJwk(publicKeyOf(generateKey('ES256', { kid: 'k1' })))
const set = unwrap(createKeySet({ keys: [jwk] }))
const empty = unwrap(createKeySet({ keys: [] }))

const nothing = initialFetched(times)
/** A state 100 s after a set was fetched at the moment 0. */
const good: FetchedState = {
  ...nothing,
  set,
  fingerprint: 'a',
  fetchedAt: at(0),
  attemptedAt: at(0),
  fetches: 1,
}
const fetching: FetchedState = { ...good, isFetching: true }
const away: FetchedState = { ...nothing, attemptedAt: at(100), failures: 3, failure: 'x' }
const closed: FetchedState = { ...good, isClosed: true }
const fetched = (over: object = {}): FetchedEvent => ({
  type: 'fetched',
  outcome: { set, fingerprint: 'a', ...over },
})

const fetchNow = ['cancel', 'fetch']
type Row = readonly [
  name: string,
  state: FetchedState,
  event: FetchedEvent,
  now: Moment,
  effects: readonly unknown[],
  change?: Partial<FetchedState>,
]

const rows: readonly Row[] = [
  ['a fresh set is used', good, { type: 'used' }, at(100), []],
  [
    'an old set whose timer ran a short time ago',
    { ...good, attemptedAt: at(390) },
    { type: 'used' },
    at(400),
    [],
  ],
  ['an old set of a process that slept', good, { type: 'used' }, at(400), fetchNow],
  [
    'an old set without a timer, five seconds after a failure',
    { ...good, failures: 3, attemptedAt: at(395) },
    { type: 'used' },
    at(400),
    fetchNow,
  ],
  [
    'an old set without a timer, three seconds after a failure',
    { ...good, failures: 3, attemptedAt: at(397) },
    { type: 'used' },
    at(400),
    [],
  ],
  ['by the monotonic clock alone', good, { type: 'used' }, at(100, 400), fetchNow],
  ['no set yet', nothing, { type: 'needed' }, at(0), fetchNow, { fetches: 1, isFetching: true }],
  ['no set, during a fetch', { ...nothing, isFetching: true }, { type: 'needed' }, at(0), []],
  ['no set, half a second after a failure', away, { type: 'needed' }, at(100.5), []],
  ['no set, a second after a failure', away, { type: 'needed' }, at(101), fetchNow],
  [
    'no set, the wall clock set back since the failure',
    away,
    { type: 'needed' },
    at(50, 100),
    fetchNow,
  ],
  ['an unknown key', good, { type: 'key-unknown' }, at(100), fetchNow, { unknownAt: at(100) }],
  [
    'an unknown key, during a fetch',
    fetching,
    { type: 'key-unknown' },
    at(100),
    [],
    { unknownAt: longAgo },
  ],
  [
    'an unknown key in the cooldown',
    { ...good, unknownAt: at(80) },
    { type: 'key-unknown' },
    at(100),
    [],
  ],
  [
    'an unknown key after the cooldown',
    { ...good, unknownAt: at(70) },
    { type: 'key-unknown' },
    at(100),
    fetchNow,
  ],
  ['an unknown key of a closed guard', closed, { type: 'key-unknown' }, at(100), []],
  [
    'no set yet, of a closed guard',
    { ...nothing, isClosed: true },
    { type: 'needed' },
    at(0),
    fetchNow,
  ],
  [
    'a change in the cooldown',
    { ...good, unknownAt: at(99) },
    { type: 'announced' },
    at(100),
    fetchNow,
  ],
  ['a change, during a fetch', fetching, { type: 'announced' }, at(100), [], { isOutdated: true }],
  ['the timer', good, { type: 'timer' }, at(240), fetchNow, { attemptedAt: at(240) }],
  ['the timer of a closed guard', closed, { type: 'timer' }, at(240), []],
  [
    'a set',
    { ...away, isFetching: true },
    fetched({ maxAgeSeconds: 600 }),
    at(200),
    [],
    { set, failures: 0, failure: undefined, maxAgeSeconds: 600, fetchedAt: at(200) },
  ],
  ['a set that states no age', away, fetched(), at(200), [], { maxAgeSeconds: 300 }],
  [
    'a set that states no time at all',
    away,
    fetched({ maxAgeSeconds: 0 }),
    at(200),
    [],
    { maxAgeSeconds: 30 },
  ],
  [
    'a set that states a year',
    away,
    fetched({ maxAgeSeconds: 3e7 }),
    at(200),
    [],
    { maxAgeSeconds: 3600 },
  ],
  ['the same set', good, fetched({ set: 'unchanged' }), at(200), [], { set, fetchedAt: at(200) }],
  [
    'an empty set',
    good,
    fetched({ set: empty }),
    at(200),
    [],
    { set: empty, failures: 1, failure: 'keys: no_usable_key' },
  ],
  [
    'the same empty set',
    { ...good, set: empty, failures: 1 },
    fetched({ set: 'unchanged' }),
    at(200),
    [],
    { failures: 2, failure: 'keys: no_usable_key' },
  ],
  [
    'nonsense',
    good,
    { type: 'fetched', outcome: { failure: 'x' } },
    at(200),
    [],
    { set, fetchedAt: at(0), failures: 1, failure: 'x' },
  ],
  ['the end of a fetch', fetching, { type: 'finished' }, at(100), [240], { isFetching: false }],
  [
    'the end of the first failure',
    { ...fetching, failures: 1 },
    { type: 'finished' },
    at(100),
    [1],
  ],
  [
    'the end of the fifth failure',
    { ...fetching, failures: 5 },
    { type: 'finished' },
    at(100),
    [16],
  ],
  [
    'the end of the hundredth failure',
    { ...fetching, failures: 100 },
    { type: 'finished' },
    at(100),
    [60],
  ],
  [
    'the end of a fetch, after a change during it',
    { ...fetching, isOutdated: true },
    { type: 'finished' },
    at(100),
    fetchNow,
    { isOutdated: false, fetches: 2 },
  ],
  [
    'the end of a fetch of a closed guard',
    { ...closed, isFetching: true },
    { type: 'finished' },
    at(100),
    [],
  ],
  [
    'a snapshot',
    nothing,
    { type: 'snapshot', set, fingerprint: 'a', fetchedAt: 900 },
    at(1000, 5),
    [],
    { set, fetchedAt: at(900, -95) },
  ],
  [
    'a snapshot that came after a set',
    good,
    { type: 'snapshot', set: empty, fingerprint: 'b', fetchedAt: 900 },
    at(1000),
    [],
    { set },
  ],
  [
    'a snapshot from the future',
    nothing,
    { type: 'snapshot', set, fingerprint: 'a', fetchedAt: 1001 },
    at(1000),
    [],
    { set: undefined },
  ],
  [
    'a snapshot of two days',
    nothing,
    { type: 'snapshot', set, fingerprint: 'a', fetchedAt: 0 },
    at(172_800),
    [],
    { set: undefined },
  ],
  ['closing', good, { type: 'closed' }, at(100), ['cancel'], { isClosed: true }],
]

it.for(rows)('%s', ([, state, event, now, effects, change = {}]) => {
  const step = stepFetched(state, event, now, times)
  const done = step.effects.map((effect) => (effect.do === 'wait' ? effect.seconds : effect.do))
  expect(done).toEqual(effects)
  expect(step.state).toMatchObject(change)
})

describe('a set is in force by the older of two ages', () => {
  const day = 24 * 3600
  it.each([
    ['both clocks a day later', at(day), true],
    ['the wall clock over a day later: the machine slept', at(day + 1, 10), false],
    ['the wall clock stopped, the other clock did not', at(10, day + 1), false],
    ['the wall clock set back by a year', at(-365 * day, 10), true],
    ['the wall clock set back, a day later', at(-365 * day, day + 1), false],
  ] as const)('%s', (_, now, isInForce) => {
    expect(setInForce(good, now, times) === set).toBe(isInForce)
  })

  it('and never if it has no key', () => {
    expect(setInForce({ ...good, set: empty }, at(1), times)).toBeUndefined()
    expect(ageBetween(longAgo, at(0))).toBe(Infinity)
  })
})
