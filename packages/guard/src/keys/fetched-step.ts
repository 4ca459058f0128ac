import type { KeySet } from '@countersign/jwt'
import type { KeysHealth } from '../policy/key-source.ts'
import { ageBetween, isWithin, longAgo, type Moment } from '../policy/moment.ts'
import { describeSkipped } from './missing-keys.ts'

/** Units: seconds. */
export interface RemoteKeyTimes {
  /** A set without a stated age is fetched again after this time. */
  readonly maxAgeSeconds: number
  /** How long the last good set is used while the issuer is unreachable. */
  readonly staleMaxSeconds: number
  /** The pause between two fetches for keys that are not in the set. */
  readonly cooldownSeconds: number
  /** The first and the longest pause after a fetch without a key. */
  readonly retrySeconds: readonly [first: number, longest: number]
}

/** The state of a fetched key set. Plain data. */
export interface FetchedState {
  /** The last accepted set. It may hold no key. */
  readonly set: KeySet | undefined
  readonly fingerprint: string
  readonly fetchedAt: Moment
  /** Units: seconds. */
  readonly maxAgeSeconds: number
  readonly attemptedAt: Moment
  /** The last fetch for a key that was not in the set. */
  readonly unknownAt: Moment
  /** Fetches in a row without a key. */
  readonly failures: number
  readonly failure: string | undefined
  readonly fetches: number
  readonly isFetching: boolean
  /** The issuer announced a change during a fetch. The answer may be older than the change. */
  readonly isOutdated: boolean
  /** No timer runs any more. A request that began before may still need one fetch. */
  readonly isClosed: boolean
}

/** The result of one fetch. */
export type FetchOutcome =
  | { readonly failure: string }
  | {
      readonly set: KeySet | 'unchanged'
      readonly fingerprint: string
      /** The age that the answer states. Units: seconds. */
      readonly maxAgeSeconds?: number | undefined
    }

/** An event of a fetched key set. */
export type FetchedEvent =
  /** A request asked for the set in force. */
  | { readonly type: 'used' }
  /** A request needs a set, and none is in force. */
  | { readonly type: 'needed' }
  /** A token names a key that is not in the set. */
  | { readonly type: 'key-unknown' }
  /** The issuer announced a change. */
  | { readonly type: 'announced' }
  | { readonly type: 'timer' }
  /** A snapshot of an earlier process was read. Units: `fetchedAt` in epoch seconds. */
  | {
      readonly type: 'snapshot'
      readonly set: KeySet
      readonly fingerprint: string
      readonly fetchedAt: number
    }
  | { readonly type: 'fetched'; readonly outcome: FetchOutcome }
  /** The fetch ended and its snapshot was saved. */
  | { readonly type: 'finished' }
  | { readonly type: 'closed' }

/** An effect that `createFetchedKeys` performs. */
export type FetchedEffect =
  | { readonly do: 'fetch' }
  /** Sends the event `timer` after so many seconds. It replaces an earlier wait. */
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'cancel' }

/** The state after an event, and its effects. */
export interface FetchedStep {
  readonly state: FetchedState
  readonly effects: readonly FetchedEffect[]
}

/** Units: seconds. A stated age outside these bounds is replaced with the nearer bound. */
const statedAgeMin = 30
const statedAgeMax = 3600

/** Makes the state before the first fetch. */
export function initialFetched(times: RemoteKeyTimes): FetchedState {
  return {
    set: undefined,
    fingerprint: '',
    fetchedAt: longAgo,
    maxAgeSeconds: times.maxAgeSeconds,
    attemptedAt: longAgo,
    unknownAt: longAgo,
    failures: 0,
    failure: undefined,
    fetches: 0,
    isFetching: false,
    isOutdated: false,
    isClosed: false,
  }
}

/**
 * Decides what an event means for a fetched key set. Pure.
 * Why: a request waits only if no set is in force. Every other fetch runs without a waiting request.
 */
export function stepFetched(
  state: FetchedState,
  event: FetchedEvent,
  now: Moment,
  times: RemoteKeyTimes,
): FetchedStep {
  switch (event.type) {
    case 'used':
      return isForgotten(state, now, times) ? beginFetch(state, now) : unchanged(state)
    case 'needed':
      return isPausing(state, now, times) ? unchanged(state) : beginFetch(state, now)
    case 'key-unknown':
      return state.isClosed || isWithin(times.cooldownSeconds, state.unknownAt, now)
        ? unchanged(state)
        : beginFetch({ ...state, unknownAt: state.isFetching ? state.unknownAt : now }, now)
    case 'announced':
      return state.isFetching ? unchanged({ ...state, isOutdated: true }) : beginFetch(state, now)
    case 'timer':
      return state.isClosed ? unchanged(state) : beginFetch(state, now)
    case 'snapshot':
      return unchanged(acceptSnapshot(state, event, now, times))
    case 'fetched':
      return unchanged(acceptOutcome(state, event.outcome, now, times))
    case 'finished':
      return finishFetch(state, now, times)
    case 'closed':
      return { state: { ...state, isClosed: true }, effects: [{ do: 'cancel' }] }
  }
}

/** Returns the set in force. Returns undefined before the first set, and if the set is too old or has no key. */
export function setInForce(
  { set, fetchedAt, maxAgeSeconds }: FetchedState,
  now: Moment,
  { staleMaxSeconds }: RemoteKeyTimes,
): KeySet | undefined {
  if (set === undefined || set.keys.length === 0) return undefined
  return ageBetween(fetchedAt, now) <= Math.max(maxAgeSeconds, staleMaxSeconds) ? set : undefined
}

/** Describes a fetched key set for health. */
export function describeFetched(
  state: FetchedState,
  now: Moment,
  times: RemoteKeyTimes,
): KeysHealth {
  const { set, fetches, failure, failures } = state
  const isStale = failures > 0 || isOld(state, now)
  return {
    state: setInForce(state, now, times) === undefined ? 'missing' : isStale ? 'stale' : 'fresh',
    keys: set?.keys.length ?? 0,
    skipped: describeSkipped(set),
    ageSeconds: ageBetween(state.fetchedAt, now),
    fetches,
    ...(failure === undefined ? {} : { failure }),
  }
}

function unchanged(state: FetchedState): FetchedStep {
  return { state, effects: [] }
}

function beginFetch(state: FetchedState, now: Moment): FetchedStep {
  if (state.isFetching) return unchanged(state)
  const fetches = state.fetches + 1
  return {
    state: { ...state, isFetching: true, isOutdated: false, attemptedAt: now, fetches },
    effects: [{ do: 'cancel' }, { do: 'fetch' }],
  }
}

function finishFetch(state: FetchedState, now: Moment, times: RemoteKeyTimes): FetchedStep {
  const idle = { ...state, isFetching: false }
  if (state.isClosed) return unchanged(idle)
  if (state.isOutdated) return beginFetch(idle, now)
  return { state: idle, effects: [{ do: 'wait', seconds: pauseAfter(state, times) }] }
}

function pauseAfter(
  { failures, maxAgeSeconds }: FetchedState,
  { retrySeconds: [first, longest] }: RemoteKeyTimes,
): number {
  if (failures === 0) return maxAgeSeconds * 0.8
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 16))
}

/** Whether the set is older than its stated age. */
export function isOld({ fetchedAt, maxAgeSeconds }: FetchedState, now: Moment): boolean {
  return ageBetween(fetchedAt, now) > maxAgeSeconds
}

/** Whether the next fetch of an old set is overdue. The process and its timer slept, or no timer runs. */
function isForgotten(state: FetchedState, now: Moment, times: RemoteKeyTimes): boolean {
  return isOld(state, now) && ageBetween(state.attemptedAt, now) >= pauseAfter(state, times)
}

/** Whether requests without keys wait for the timer. While the issuer is unreachable they start no fetch each. */
function isPausing(
  { failures, attemptedAt, isFetching }: FetchedState,
  now: Moment,
  { retrySeconds: [first] }: RemoteKeyTimes,
): boolean {
  return !isFetching && failures > 0 && isWithin(first, attemptedAt, now)
}

function acceptSnapshot(
  state: FetchedState,
  { set, fingerprint, fetchedAt }: Extract<FetchedEvent, { readonly type: 'snapshot' }>,
  now: Moment,
  { staleMaxSeconds }: RemoteKeyTimes,
): FetchedState {
  const age = now.wall - fetchedAt
  // A snapshot from the future would stay fresh for ever.
  if (state.set !== undefined || age < 0 || age > staleMaxSeconds) return state
  const at = { wall: fetchedAt, monotonic: now.monotonic - age }
  return { ...state, set, fingerprint, fetchedAt: at }
}

function acceptOutcome(
  state: FetchedState,
  outcome: FetchOutcome,
  now: Moment,
  times: RemoteKeyTimes,
): FetchedState {
  if ('failure' in outcome)
    return { ...state, failures: state.failures + 1, failure: outcome.failure }
  const set = outcome.set === 'unchanged' ? state.set : outcome.set
  const { maxAgeSeconds: stated = times.maxAgeSeconds, fingerprint } = outcome
  const believed = {
    ...state,
    set,
    fingerprint,
    fetchedAt: now,
    maxAgeSeconds: Math.min(statedAgeMax, Math.max(statedAgeMin, stated)),
  }
  if (set !== undefined && set.keys.length > 0)
    return { ...believed, failures: 0, failure: undefined }
  // The issuer withdrew its keys. It is asked again like an unreachable issuer.
  return { ...believed, failures: state.failures + 1, failure: noUsableKey }
}

/** The failure of a set without a usable key. */
export const noUsableKey = 'keys: no_usable_key'
