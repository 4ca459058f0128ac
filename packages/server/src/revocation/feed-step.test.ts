import type { WireEntry } from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import type { LogHead, RevocationEntry } from '../store/port/records.ts'
import {
  initialFeed,
  stepFeed,
  type FeedEvent,
  type FeedState,
  type FeedStep,
} from './feed-step.ts'
import type { LogPart } from './read-log.ts'

const until = 2_000 as EpochSeconds

const head = (epoch: string, sequence: number): LogHead => ({
  ...initialFeed().head,
  epoch,
  sequence,
  hash: `h${sequence}`,
})
const stored = (sequence: number): RevocationEntry => ({
  sequence,
  target: { kind: 'token', jti: `t${sequence}` },
  at: 1_000 as EpochSeconds,
  until,
})
const wire = (sequence: number): WireEntry => [sequence, 'token', `t${sequence}`, until]
const part = (to: number): LogPart => ({
  entries: [wire(to)],
  to: { sequence: to, hash: `h${to}` },
})
const page = (first: number, count: number) =>
  Array.from({ length: count }, (_, place) => stored(first + place))

const at5: FeedState = { head: head('e1', 5) }
const reading: FeedState = { head: head('e1', 5), collected: { epoch: 'e2', pages: [[wire(1)]] } }
const e2 = head('e2', 2)

const rows: readonly {
  readonly name: string
  readonly given: FeedState
  readonly event: FeedEvent
  readonly gives: FeedStep
}[] = [
  {
    name: 'the first head: all entries are read from the beginning',
    given: initialFeed(),
    event: { type: 'head', newest: head('e1', 5) },
    gives: {
      state: { ...initialFeed(), collected: { epoch: 'e1', pages: [] } },
      effects: [{ do: 'readPage', after: 0 }],
    },
  },
  {
    name: 'the last page of the first epoch: nothing is compared, because nothing was read before',
    given: { ...initialFeed(), collected: { epoch: 'e1', pages: [] } },
    event: { type: 'page', found: page(5, 1), newest: head('e1', 5) },
    gives: {
      state: at5,
      effects: [
        { do: 'beginEpoch', entries: [wire(5)] },
        { do: 'learn', head: head('e1', 5) },
      ],
    },
  },
  {
    name: 'an unchanged head: the disabled clients are read',
    given: at5,
    event: { type: 'head', newest: head('e1', 5) },
    gives: { state: at5, effects: [{ do: 'learn', head: head('e1', 5) }] },
  },
  {
    name: 'a head that is older: its number counts, and no entry is forgotten',
    given: at5,
    event: { type: 'head', newest: head('e1', 4) },
    gives: { state: { head: head('e1', 4) }, effects: [{ do: 'learn', head: head('e1', 4) }] },
  },
  {
    name: 'a head that is further: its entries are read',
    given: at5,
    event: { type: 'head', newest: head('e1', 7) },
    gives: { state: at5, effects: [{ do: 'readPart', after: 5, newest: head('e1', 7) }] },
  },
  {
    name: 'a part: it is published and the next one is read',
    given: at5,
    event: { type: 'part', part: part(6), newest: head('e1', 7) },
    gives: {
      state: { head: head('e1', 6) },
      effects: [
        { do: 'publishPart', after: head('e1', 5), part: part(6), newest: 7 },
        { do: 'readPart', after: 6, newest: head('e1', 7) },
      ],
    },
  },
  {
    name: 'the last part: it is published and nothing more is read',
    given: at5,
    event: { type: 'part', part: part(7), newest: head('e1', 7) },
    gives: {
      state: { head: head('e1', 7) },
      effects: [
        { do: 'publishPart', after: head('e1', 5), part: part(7), newest: 7 },
        { do: 'learn', head: head('e1', 7) },
      ],
    },
  },
  {
    name: 'another epoch: all entries are read from the beginning',
    given: at5,
    event: { type: 'head', newest: e2 },
    gives: {
      state: { head: head('e1', 5), collected: { epoch: 'e2', pages: [] } },
      effects: [{ do: 'readPage', after: 0 }],
    },
  },
  {
    name: 'another epoch after a read that failed: its pages are forgotten',
    given: reading,
    event: { type: 'head', newest: e2 },
    gives: {
      state: { head: head('e1', 5), collected: { epoch: 'e2', pages: [] } },
      effects: [{ do: 'readPage', after: 0 }],
    },
  },
  {
    name: 'a full page: the next one is read',
    given: { head: head('e1', 5), collected: { epoch: 'e2', pages: [] } },
    event: { type: 'page', found: page(1, 1000), newest: head('e2', 1001) },
    gives: {
      state: {
        head: head('e1', 5),
        collected: { epoch: 'e2', pages: [page(1, 1000).map(({ sequence }) => wire(sequence))] },
      },
      effects: [{ do: 'readPage', after: 1000 }],
    },
  },
  {
    name: 'the last page: lost entries are searched for before the epoch counts',
    given: reading,
    event: { type: 'page', found: [stored(2)], newest: e2 },
    gives: {
      state: {
        head: head('e1', 5),
        collected: { epoch: 'e2', pages: [[wire(1)], [wire(2)]] },
      },
      effects: [{ do: 'heal', known: head('e1', 5), newest: e2, found: [wire(1), wire(2)] }],
    },
  },
  {
    name: 'a third epoch while the second one is read: all entries are read from the beginning',
    given: reading,
    event: { type: 'page', found: [stored(2)], newest: head('e3', 2) },
    gives: {
      state: { head: head('e1', 5), collected: { epoch: 'e3', pages: [] } },
      effects: [{ do: 'readPage', after: 0 }],
    },
  },
  {
    name: 'lost entries were written again: the epoch is read once more',
    given: reading,
    event: { type: 'compared', healed: true, newest: e2 },
    gives: {
      state: { head: head('e1', 5), collected: { epoch: 'e2', pages: [] } },
      effects: [{ do: 'readPage', after: 0 }],
    },
  },
  {
    name: 'nothing was lost: the epoch listeners run first',
    given: reading,
    event: { type: 'compared', healed: false, newest: e2 },
    gives: { state: reading, effects: [{ do: 'runEpochListeners', newest: e2 }] },
  },
  {
    name: 'the epoch listeners have run: the epoch counts',
    given: reading,
    event: { type: 'listeners-ran', newest: e2 },
    gives: {
      state: { head: e2 },
      effects: [
        { do: 'beginEpoch', entries: [wire(1)] },
        { do: 'learn', head: e2 },
      ],
    },
  },
]

it.each(rows)('$name', ({ given, event, gives }) => {
  expect(stepFeed(given, event)).toEqual(gives)
})
