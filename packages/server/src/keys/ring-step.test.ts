import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { KeyRecord } from '../store/port/records.ts'
import type { KeyGroup, KeyStep } from './lifecycle.ts'
import { initialRing, openableKey, stepRing, type RingEvent, type RingState } from './ring-step.ts'
import type { Opened } from './views.ts'

const at = (seconds: number) => seconds as EpochSeconds
const times = { periodSeconds: 1_000, announceSeconds: 100, leewaySeconds: 60 }
const tokens: KeyGroup = { purpose: 'token', alg: 'ES256', audience: null }
const shared: KeyGroup = { purpose: 'token', alg: 'HS256', audience: 'a' }

const record = (kid: string, over: Partial<KeyRecord> = {}): KeyRecord => ({
  ...tokens,
  kid,
  state: 'active',
  publicJwk: null,
  sealed: new Uint8Array(),
  announcedAt: at(0),
  activatedAt: at(0),
  retiredAt: null,
  verifiableUntil: at(500),
  ...over,
})
const active = record('k')
const standby = record('s', { state: 'announced', announcedAt: at(800), activatedAt: null })

const openedOf = (records: readonly KeyRecord[], isOurs = true): ReadonlyMap<string, Opened> =>
  new Map(
    records.map((one) => [
      one.kid,
      { record: one, key: undefined, publicKey: undefined, secret: undefined, isOurs },
    ]),
  )

function stateOf(
  records: readonly KeyRecord[],
  { groups = [tokens], isOurs = true }: { groups?: readonly KeyGroup[]; isOurs?: boolean } = {},
): RingState {
  const opened = openedOf(records, isOurs)
  return stepRing(initialRing(groups), { type: 'read', records, opened }, times, at(0)).state
}

const describeStep = (step: KeyStep) =>
  step.act === 'create'
    ? `create ${step.group.alg} ${step.state}`
    : `${step.kid} ${step.from}>${step.to}`

/** The effects of an event, one text each. */
function effectsOf(state: RingState, event: RingEvent, now: number): readonly string[] {
  return stepRing(state, event, times, at(now)).effects.map((effect) => {
    switch (effect.do) {
      case 'takeStep':
        return describeStep(effect.step)
      case 'callListeners':
        return 'call listeners'
      case 'readAgain':
        return `read again, round ${effect.round}`
    }
  })
}

describe('a round', () => {
  const rows: readonly {
    readonly name: string
    readonly given: RingState
    readonly round?: number
    readonly now: number
    readonly gives: readonly string[]
  }[] = [
    {
      name: 'makes the first key of all alone',
      given: stateOf([], { groups: [tokens, shared] }),
      now: 0,
      gives: ['create ES256 active', 'read again, round 1'],
    },
    {
      name: 'makes all keys that are missing once there is one',
      given: stateOf([active], { groups: [tokens, shared] }),
      now: 0,
      gives: ['create ES256 announced', 'create HS256 active', 'read again, round 1'],
    },
    {
      name: 'ends where nothing is due',
      given: stateOf([active, standby]),
      round: 3,
      now: 999,
      gives: [],
    },
    {
      name: 'replaces a key that is old',
      given: stateOf([active, standby]),
      round: 1,
      now: 1_000,
      gives: ['s announced>active', 'create ES256 announced', 'read again, round 2'],
    },
    {
      name: 'makes no key where the seals of others do not open, and still activates the next one',
      given: stateOf([active, standby], { isOurs: false }),
      now: 1_000,
      gives: ['s announced>active', 'read again, round 1'],
    },
  ]

  it.each(rows)('$name', ({ given, round = 0, now, gives }) => {
    expect(effectsOf(given, { type: 'due', round }, now)).toEqual(gives)
  })

  it('is a fault after ten without rest', () => {
    expect(() => stepRing(stateOf([active]), { type: 'due', round: 10 }, times, at(0))).toThrow(
      'The keys do not come to rest',
    )
  })
})

describe('a read', () => {
  const known = stateOf([active, standby])
  const reads: readonly {
    readonly name: string
    readonly records: readonly KeyRecord[]
    readonly gives: readonly string[]
  }[] = [
    { name: 'of the same keys changes no view', records: [active, standby], gives: [] },
    {
      name: 'of a later horizon changes no view',
      records: [record('k', { verifiableUntil: at(900) }), standby],
      gives: [],
    },
    { name: 'of a new key changes the views', records: [active], gives: ['call listeners'] },
    {
      name: 'of a new state changes the views',
      records: [record('k', { state: 'retired' }), standby],
      gives: ['call listeners'],
    },
  ]

  it.each(reads)('$name', ({ records, gives }) => {
    const event: RingEvent = { type: 'read', records, opened: openedOf(records) }
    expect(effectsOf(known, event, 0)).toEqual(gives)
    const { state } = stepRing(known, event, times, at(0))
    expect(state.views === known.views).toBe(gives.length === 0)
    expect(state.opened.get('k')?.record).toEqual(records[0])
  })

  it('lists the keys that do not open here, known ones included', () => {
    const unknown = record('u')
    const opened = new Map([...openedOf([active]), ...openedOf([standby], false)])
    const event: RingEvent = { type: 'read', records: [active, standby, unknown], opened }
    const { state } = stepRing(known, event, times, at(0))
    expect(state.strange).toEqual([standby, unknown])
    expect(openableKey(state)).toEqual(active)
  })
})

describe('the groups that need keys', () => {
  it('gain a group and lose one whose resource is gone', () => {
    const more = stepRing(initialRing([tokens]), { type: 'needed', groups: [shared] }, times, at(0))
    expect([...more.state.needed.values()]).toEqual([tokens, shared])
    const fewer = stepRing(more.state, { type: 'unwanted', group: shared }, times, at(0))
    expect([...fewer.state.needed.values()]).toEqual([tokens])
    expect([...more.effects, ...fewer.effects]).toEqual([])
  })
})
