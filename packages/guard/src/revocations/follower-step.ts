import type { RevocationSnapshot } from '../policy/revocation-policy.ts'
import { ageBetween, longAgo, type Moment } from '../policy/moment.ts'
import { knowledgeAge, logOf, positionOf, type FeedLog } from './feed-log.ts'
import {
  noStream,
  type FeedPosition,
  type FollowerEffect,
  type FollowerEvent,
  type FollowerPolicy,
  type FollowerState,
  type FollowerStep,
  type FollowerTimes,
  type PageOutcome,
  type ReadFeedMessage,
} from './follower-state.ts'
import { refillBudget } from './stream-budget.ts'
import { takeVerified } from './verified-message.ts'

/** Units: pages of one attempt; gaps in a row that pages answer at once. */
const pagesMax = 1000
const gapsMax = 3
/** Units: forged messages of one stream. */
const forgedMax = 20
/** Units: seconds. */
const settledSeconds = 5
const absentSeconds = 60
const answerSecondsMax = 4
const shortPauseSeconds = 1
/** Units: tries in a row, about a minute of them. */
const shortPauses = 60

/**
 * Decides the next step of following one feed: pages up to the head, then the stream, polling where it fails. Pure.
 * Why: each failure ends in the same place, a jittered pause and then pages from the last known position, so that no
 * order of faults needs a path of its own. A stream that floods or forges is cut, and pages are polled.
 * Units: `room` is in entries that still fit.
 */
export function stepFollower(
  state: FollowerState,
  event: FollowerEvent,
  now: Moment,
  policy: FollowerPolicy,
  room: number,
): FollowerStep {
  if (state.phase === 'closed') return unchanged(state)
  if ('turn' in event && event.turn !== state.turn) return unchanged(state)
  switch (event.type) {
    case 'start':
      return state.phase === 'idle' ? start(state, event.known, now) : unchanged(state)
    case 'close':
      return {
        state: { ...state, phase: 'closed' },
        effects: [{ do: 'stopTimer' }, { do: 'closeStream' }, { do: 'report' }],
      }
    case 'page':
      return state.phase === 'pages'
        ? takePage(state, event.answer, now, policy, room)
        : unchanged(state)
    case 'message':
      return state.phase === 'stream'
        ? takeMessage(state, event.read, now, policy, room)
        : unchanged(state)
    case 'closed':
      return state.phase === 'stream' ? leaveStream(state, policy) : unchanged(state)
    case 'timer':
      return onTimer(state, now, policy)
    case 'wake':
      return onWake(state, event.olderThanSeconds, now)
  }
}

function unchanged(state: FollowerState): FollowerStep {
  return { state, effects: [] }
}

/** Enforces the knowledge of an earlier start at once; the issuer confirms it later. */
function start(
  state: FollowerState,
  known: RevocationSnapshot | undefined,
  now: Moment,
): FollowerStep {
  if (known === undefined) return beginAttempt(state, now)
  const { entries, ended = [] } = known
  const effects: FollowerEffect[] = [
    { do: 'apply', entries },
    ...ended.map((epoch): FollowerEffect => ({ do: 'applyEnded', ...epoch })),
  ]
  const begun = beginAttempt({ ...state, log: logOf(known) }, now)
  return { ...begun, effects: [...effects, ...begun.effects] }
}

function beginAttempt(state: FollowerState, now: Moment): FollowerStep {
  const next: FollowerState = {
    ...state,
    phase: 'pages',
    turn: state.turn + 1,
    pages: 0,
    attemptAt: now,
    askedAt: now,
  }
  return { state: next, effects: [{ do: 'stopTimer' }, fetchPage(next)] }
}

function fetchPage({ log, etag }: FollowerState): FollowerEffect {
  return { do: 'fetchPage', at: positionOf(log), etag }
}

function takePage(
  state: FollowerState,
  answer: PageOutcome,
  now: Moment,
  policy: FollowerPolicy,
  room: number,
): FollowerStep {
  switch (answer.kind) {
    case 'failed':
      return failAttempt(state, answer.reason, policy, pauseInOutage)
    case 'absent':
      return {
        state: { ...state, phase: 'paused', hasTried: true, failure: 'no_feed' },
        effects: [{ do: 'report' }, { do: 'wait', seconds: absentSeconds, isJittered: true }],
      }
    case 'unchanged':
      return state.log.isLoaded ? endAttempt(state, now, policy) : failAttempt(state, 'gap', policy)
    case 'page':
  }
  const message = answer.read()
  if (message === undefined)
    return failAttempt({ ...state, ignored: state.ignored + 1 }, 'forged', policy)
  const before = positionOf(state.log)
  const { acceptance, ...taken } = takeVerified(state, message, now, policy, room)
  const isWhole = acceptance === 'applied' || acceptance === 'repeated'
  // The next page starts elsewhere. With this tag the issuer could say that nothing changed.
  const etag = isWhole ? answer.etag : undefined
  const next = { ...taken.state, etag, pages: state.pages + 1 }
  if (isWhole)
    return join(
      taken,
      next.log.isLoaded ? endAttempt(next, now, policy) : failAttempt(next, 'gap', policy),
    )
  const isAhead = acceptance === 'partial' || acceptance === 'rolled_back'
  // A page that leads nowhere would come again, as fast as it can be fetched.
  if (!isAhead || next.pages >= pagesMax || isSame(before, positionOf(next.log)))
    return join(taken, failAttempt(next, acceptance, policy))
  return join(taken, { state: { ...next, askedAt: now }, effects: [fetchPage(next)] })
}

function takeMessage(
  state: FollowerState,
  read: ReadFeedMessage,
  now: Moment,
  policy: FollowerPolicy,
  room: number,
): FollowerStep {
  const stream = refillBudget(state.stream, now.monotonic)
  if (stream.allowance < 1) return leaveStream({ ...state, failure: 'flood' }, policy)
  const counted = { ...state, stream: { ...stream, allowance: stream.allowance - 1 } }
  const message = read()
  if (message === undefined) return countForged(counted, policy)
  const { acceptance, ...taken } = takeVerified(counted, message, now, policy, room)
  switch (acceptance) {
    case 'applied':
    case 'repeated':
      return {
        ...taken,
        state: goOn(taken.state, acceptance === 'repeated' && message.entries.length > 0, now),
      }
    case 'partial':
      // The next event follows at once, unless this one began a snapshot.
      if (taken.state.log.staged === undefined)
        return { ...taken, state: goOn(taken.state, false, now) }
      return join(taken, answerGap(taken.state, now, policy))
    case 'full':
      return join(taken, leaveStream({ ...taken.state, failure: 'full' }, policy))
    case 'gap':
    case 'epoch_changed':
    case 'rolled_back':
      return join(taken, answerGap(taken.state, now, policy))
  }
}

function countForged(state: FollowerState, policy: FollowerPolicy): FollowerStep {
  const forged = state.stream.forged + 1
  const next = { ...state, ignored: state.ignored + 1, stream: { ...state.stream, forged } }
  return forged > forgedMax ? leaveStream({ ...next, failure: 'forged' }, policy) : unchanged(next)
}

/** A message that continues the log: a stream that has stood for a while has no failures behind it. */
function goOn(state: FollowerState, isIgnored: boolean, now: Moment): FollowerState {
  const hasSettled = now.monotonic - state.stream.openedAt >= settledSeconds
  return {
    ...state,
    mode: 'stream',
    ignored: state.ignored + (isIgnored ? 1 : 0),
    ...(hasSettled ? { failures: 0, gaps: 0, failure: undefined } : {}),
  }
}

/** Reads pages at once, unless gaps follow each other; then as after any failure. */
function answerGap(state: FollowerState, now: Moment, policy: FollowerPolicy): FollowerStep {
  if (state.gaps >= gapsMax) return leaveStream(state, policy)
  const begun = beginAttempt({ ...state, gaps: state.gaps + 1 }, now)
  return { ...begun, effects: [{ do: 'closeStream' }, ...begun.effects] }
}

/** A broken stream: until it stands again, each attempt is a poll. */
function leaveStream(
  state: FollowerState,
  { pollSeconds, retrySeconds }: FollowerPolicy,
): FollowerStep {
  const { log, failures } = state
  const mode = state.mode !== 'stream' || failures > 0 ? 'poll' : state.mode
  const pause = isLagging(log) ? shortPauseSeconds : pauseAfter(failures, retrySeconds)
  const seconds = log.isFull ? retrySeconds[1] : Math.min(pause, pollSeconds)
  return {
    state: { ...state, phase: 'paused', turn: state.turn + 1, mode, failures: failures + 1 },
    effects: [{ do: 'closeStream' }, { do: 'wait', seconds, isJittered: true }],
  }
}

function failAttempt(
  state: FollowerState,
  failure: string,
  { retrySeconds }: FollowerPolicy,
  pauseOf = pauseAfter,
): FollowerStep {
  const { log, failures } = state
  const seconds = isLagging(log) ? shortPauseSeconds : pauseOf(failures, retrySeconds)
  return {
    state: {
      ...state,
      phase: 'paused',
      etag: undefined,
      failures: state.failures + 1,
      failure,
      hasTried: true,
    },
    effects: [{ do: 'report' }, { do: 'wait', seconds, isJittered: true }],
  }
}

function pauseAfter(failures: number, [first, longest]: FollowerTimes['retrySeconds']): number {
  return Math.min(longest, first * 2 ** Math.min(failures, 16))
}

/**
 * The pause after an attempt that failed: a second at most in the first minute of an outage, longer in one that lasts.
 * Why: after a failover or a restart of the issuer the next revocations must arrive within a second or so.
 */
function pauseInOutage(failures: number, retry: FollowerTimes['retrySeconds']): number {
  if (failures < shortPauses) return Math.min(shortPauseSeconds, pauseAfter(failures, retry))
  return pauseAfter(failures - shortPauses + 1, retry)
}

function endAttempt(state: FollowerState, now: Moment, policy: FollowerPolicy): FollowerStep {
  const caughtUp: FollowerState = {
    ...state,
    caughtUpAt: state.askedAt,
    hasTried: true,
    failure: undefined,
  }
  if (!policy.streams)
    return {
      state: { ...caughtUp, phase: 'paused', mode: 'poll', failures: 0 },
      effects: [{ do: 'report' }, { do: 'wait', seconds: policy.pollSeconds, isJittered: false }],
    }
  const stream = { ...noStream, openedAt: now.monotonic, countedAt: now.monotonic }
  return {
    state: { ...caughtUp, phase: 'stream', turn: state.turn + 1, stream },
    effects: [
      { do: 'report' },
      { do: 'wait', seconds: policy.silenceSeconds / 2, isJittered: false },
      { do: 'openStream', at: positionOf(state.log) },
    ],
  }
}

function onTimer(state: FollowerState, now: Moment, policy: FollowerPolicy): FollowerStep {
  if (state.phase === 'paused') return beginAttempt(state, now)
  if (state.phase !== 'stream') return unchanged(state)
  if (knowledgeAge(state.log, now) > policy.silenceSeconds)
    return leaveStream({ ...state, failure: 'silence' }, policy)
  return { state, effects: [{ do: 'wait', seconds: policy.silenceSeconds / 2, isJittered: false }] }
}

/** A process that slept may hold an attempt whose answer never comes. */
function onWake(state: FollowerState, olderThanSeconds: number, now: Moment): FollowerStep {
  const { phase, attemptAt = longAgo, askedAt = longAgo } = state
  const seconds = ageBetween(attemptAt, now)
  const isStuck = phase === 'pages' && ageBetween(askedAt, now) > answerSecondsMax
  if (isStuck || (phase === 'paused' && seconds >= olderThanSeconds))
    return beginAttempt(state, now)
  return unchanged(state)
}

/** A node that answers with a lower head may be behind, or its database went back: a minute decides. */
function isLagging({ lagSince }: FeedLog): boolean {
  return lagSince !== undefined
}

function isSame(one: FeedPosition, other: FeedPosition): boolean {
  return one.epoch === other.epoch && one.after === other.after
}

function join(first: FollowerStep, second: FollowerStep): FollowerStep {
  return { state: second.state, effects: [...first.effects, ...second.effects] }
}
