import type { EpochSeconds } from '@countersign/jwt'
import { pageEntriesMax, type WireEntry } from '@countersign/guard/revocations'
import type { LogHead, RevocationEntry } from '../store/port/records.ts'
import type { LogPart, LogPlace } from './read-log.ts'
import { renderEntry } from './wire.ts'

/** The position of this node in the log. */
export interface FeedState {
  /** The head up to which all entries are in memory. */
  readonly head: LogHead
  /** The pages of a new epoch that were read so far; absent while no epoch is read. */
  readonly collected?: {
    readonly epoch: string
    readonly pages: readonly (readonly WireEntry[])[]
  }
}

/** An event of the feed: an answer of the log, or the end of other work. */
export type FeedEvent =
  | { readonly type: 'head'; readonly newest: LogHead }
  /** Entries behind the state's head, and the head that was read before them. */
  | { readonly type: 'part'; readonly part: LogPart; readonly newest: LogHead }
  /** A page of a new epoch, and the head that was read before it. */
  | {
      readonly type: 'page'
      readonly found: readonly RevocationEntry[]
      readonly newest: LogHead
    }
  /** `healed`: whether entries that a rollback lost were written again. */
  | { readonly type: 'compared'; readonly healed: boolean; readonly newest: LogHead }
  | { readonly type: 'listeners-ran'; readonly newest: LogHead }

/** A question to the log, or work that takes time. */
export type LogEffect =
  /** Reads the entries behind a sequence. Gives `part`. */
  | { readonly do: 'readPart'; readonly after: number; readonly newest: LogHead }
  /** Reads the head, then a page behind a sequence. Gives `page`. */
  | { readonly do: 'readPage'; readonly after: number }
  /** Writes entries again that a rollback lost. Gives `compared`. */
  | {
      readonly do: 'heal'
      readonly known: LogHead
      readonly newest: LogHead
      readonly found: readonly WireEntry[]
    }
  /** Runs the functions that must end before a new epoch counts. Gives `listeners-ran`. */
  | { readonly do: 'runEpochListeners'; readonly newest: LogHead }
  /** Remembers which clients are disabled. Gives nothing. */
  | { readonly do: 'learn'; readonly head: LogHead }

/** A change of memory, with its message. */
export type PublishEffect =
  /** Adds entries and publishes them. `newest` is the last sequence of the log. */
  | {
      readonly do: 'publishPart'
      readonly after: LogPlace
      readonly part: LogPart
      readonly newest: number
    }
  /** Replaces all entries, forgets messages of the last epoch and publishes a heartbeat. */
  | { readonly do: 'beginEpoch'; readonly entries: readonly WireEntry[] }

/** The state after an event, and the effects in their order. The last one gives the next event. */
export interface FeedStep {
  readonly state: FeedState
  readonly effects: readonly (PublishEffect | LogEffect)[]
}

/** Decides the next state and effects after an event. Pure. */
export function stepFeed(state: FeedState, event: FeedEvent): FeedStep {
  switch (event.type) {
    case 'head':
      return event.newest.epoch === state.head.epoch
        ? catchUp(state.head, event.newest)
        : readEpoch(state, event.newest.epoch)
    case 'part':
      return addPart(state, event.part, event.newest)
    case 'page':
      return addPage(state, event.found, event.newest)
    case 'compared':
      // The log has changed, so it is read again.
      return event.healed ? readEpoch(state, event.newest.epoch) : runListeners(state, event.newest)
    case 'listeners-ran':
      return beginEpoch(state, event.newest)
  }
}

/** Gives the state before the first read. */
export function initialFeed(): FeedState {
  return { head: beforeTheFirst }
}

/** Whether the log was read before. */
export function hasRead({ head }: FeedState): boolean {
  return head !== beforeTheFirst
}

function catchUp(head: LogHead, newest: LogHead): FeedStep {
  if (head.sequence >= newest.sequence)
    return { state: { head: newest }, effects: [{ do: 'learn', head: newest }] }
  return { state: { head }, effects: [{ do: 'readPart', after: head.sequence, newest }] }
}

function addPart(state: FeedState, part: LogPart, newest: LogHead): FeedStep {
  const next = catchUp({ ...state.head, ...part.to }, newest)
  const publish = { do: 'publishPart', after: state.head, part, newest: newest.sequence } as const
  return { state: next.state, effects: [publish, ...next.effects] }
}

function readEpoch({ head }: FeedState, epoch: string): FeedStep {
  return {
    state: { head, collected: { epoch, pages: [] } },
    effects: [{ do: 'readPage', after: 0 }],
  }
}

function addPage(state: FeedState, found: readonly RevocationEntry[], newest: LogHead): FeedStep {
  const { head, collected } = state
  if (newest.epoch !== collected?.epoch) return readEpoch(state, newest.epoch)
  const pages = [...collected.pages, found.map(renderEntry)]
  const next = { head, collected: { epoch: collected.epoch, pages } }
  const last = found.at(-1)
  if (last !== undefined && found.length === pageEntriesMax)
    return { state: next, effects: [{ do: 'readPage', after: last.sequence }] }
  if (!hasRead(state)) return beginEpoch(next, newest)
  return { state: next, effects: [{ do: 'heal', known: head, newest, found: pages.flat() }] }
}

function runListeners(state: FeedState, newest: LogHead): FeedStep {
  return { state, effects: [{ do: 'runEpochListeners', newest }] }
}

/** Ends the read of an epoch. Why its head is `newest`: the next read finds later commits. */
function beginEpoch({ collected }: FeedState, newest: LogHead): FeedStep {
  return {
    state: { head: newest },
    effects: [
      { do: 'beginEpoch', entries: collected?.pages.flat() ?? [] },
      { do: 'learn', head: newest },
    ],
  }
}

const beforeTheFirst: LogHead = {
  epoch: '',
  epochStart: 0 as EpochSeconds,
  fencedAt: 0 as EpochSeconds,
  sequence: 0,
  hash: '',
  changes: 0,
  changesHash: '',
}
