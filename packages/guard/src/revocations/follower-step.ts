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
  type PageOutcome,
  type ReadFeedMessage,
} from './follower-state.ts'
import { pauseAfter, pauseInOutage, shortPauseSeconds } from './follower-pauses.ts'
import { refillBudget } from './stream-budget.ts'
import { applyVerified } from './verified-message.ts'

/** Units: pages of one attempt; gaps in a row that cause pages at once. */
const pagesMax = 1000
const gapsMax = 3
/** Units: forged messages of one stream. */
const forgedMax = 20
/** Units: seconds. */
const settledSeconds = 5
const absentSeconds = 60
const answerSecondsMax = 4

/**
 * Decides the next step of a follower: pages up to the head, then the stream, and polls while the stream fails. Pure.
 * Units: `entriesFree`, the count of entries that still fit.
 * Why: each failure leads to the same state, a jittered pause and then pages from the last known position. No order of
 * faults needs code of its own. A stream that floods or forges is closed, and pages are polled.
 */
export function stepFollower(
  state: FollowerState,
  event: FollowerEvent,
  now: Moment,
  policy: FollowerPolicy,
  entriesFree: number,
): FollowerStep {
  if (state.phase === 'closed') return unchanged(state)
  if ('attemptId' in event && event.attemptId !== state.attemptId) return unchanged(state)
  switch (event.type) {
    case 'start':
      return state.phase === 'idle' ? startFollowing(state, event.known, now) : unchanged(state)
    case 'close':
      return {
        state: { ...state, phase: 'closed' },
        effects: [{ do: 'stopTimer' }, { do: 'closeStream' }, { do: 'report' }],
      }
    case 'page':
      return state.phase === 'pages'
        ? acceptPage(state, event.answer, now, policy, entriesFree)
        : unchanged(state)
    case 'message':
      return state.phase === 'stream'
        ? acceptMessage(state, event.read, now, policy, entriesFree)
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

/** Enforces the entries of an earlier start at once. The issuer confirms them later. */
function startFollowing(
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
    attemptId: state.attemptId + 1,
    pages: 0,
    attemptAt: now,
    askedAt: now,
  }
  return { state: next, effects: [{ do: 'stopTimer' }, fetchPage(next)] }
}

function fetchPage({ log, etag }: FollowerState): FollowerEffect {
  return { do: 'fetchPage', at: positionOf(log), etag }
}

function acceptPage(
  state: FollowerState,
  answer: PageOutcome,
  now: Moment,
  policy: FollowerPolicy,
  entriesFree: number,
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
  const { acceptance, ...applied } = applyVerified(state, message, now, policy, entriesFree)
  const isWhole = acceptance === 'applied' || acceptance === 'repeated'
  // The next page has another position, so the tag of this one does not fit it.
  const etag = isWhole ? answer.etag : undefined
  const next = { ...applied.state, etag, pages: state.pages + 1 }
  if (isWhole)
    return joinSteps(
      applied,
      next.log.isLoaded ? endAttempt(next, now, policy) : failAttempt(next, 'gap', policy),
    )
  const isAhead = acceptance === 'partial' || acceptance === 'rolled_back'
  // A page that does not advance the position would be fetched again without end.
  if (!isAhead || next.pages >= pagesMax || isSame(before, positionOf(next.log)))
    return joinSteps(applied, failAttempt(next, acceptance, policy))
  return joinSteps(applied, { state: { ...next, askedAt: now }, effects: [fetchPage(next)] })
}

function acceptMessage(
  state: FollowerState,
  read: ReadFeedMessage,
  now: Moment,
  policy: FollowerPolicy,
  entriesFree: number,
): FollowerStep {
  const stream = refillBudget(state.stream, now.monotonic)
  if (stream.allowance < 1) return leaveStream({ ...state, failure: 'flood' }, policy)
  const counted = { ...state, stream: { ...stream, allowance: stream.allowance - 1 } }
  const message = read()
  if (message === undefined) return countForged(counted, policy)
  const { acceptance, ...applied } = applyVerified(counted, message, now, policy, entriesFree)
  const isRepeated = acceptance === 'repeated'
  switch (acceptance) {
    case 'applied':
    case 'repeated':
      return {
        ...applied,
        state: keepStream(applied.state, isRepeated && message.entries.length > 0, now),
      }
    case 'partial':
      // The next event follows at once, unless this one began a snapshot.
      if (applied.state.log.staged === undefined)
        return { ...applied, state: keepStream(applied.state, false, now) }
      return joinSteps(applied, answerGap(applied.state, now, policy))
    case 'full':
      return joinSteps(applied, leaveStream({ ...applied.state, failure: 'full' }, policy))
    case 'gap':
    case 'epoch_changed':
    case 'rolled_back':
      return joinSteps(applied, answerGap(applied.state, now, policy))
  }
}

function countForged(state: FollowerState, policy: FollowerPolicy): FollowerStep {
  const forged = state.stream.forged + 1
  const next = { ...state, ignored: state.ignored + 1, stream: { ...state.stream, forged } }
  return forged > forgedMax ? leaveStream({ ...next, failure: 'forged' }, policy) : unchanged(next)
}

/** Continues after a message in order. A stream that was open for a while resets the counts of failures. */
function keepStream(state: FollowerState, isIgnored: boolean, now: Moment): FollowerState {
  const hasSettled = now.monotonic - state.stream.openedAt >= settledSeconds
  return {
    ...state,
    mode: 'stream',
    ignored: state.ignored + (isIgnored ? 1 : 0),
    ...(hasSettled ? { failures: 0, gaps: 0, failure: undefined } : {}),
  }
}

/** Reads pages at once. After several gaps in a row it pauses as after any failure. */
function answerGap(state: FollowerState, now: Moment, policy: FollowerPolicy): FollowerStep {
  if (state.gaps >= gapsMax) return leaveStream(state, policy)
  const begun = beginAttempt({ ...state, gaps: state.gaps + 1 }, now)
  return { ...begun, effects: [{ do: 'closeStream' }, ...begun.effects] }
}

/** Leaves a broken stream. Each attempt counts as a poll until a stream is open again. */
function leaveStream(
  state: FollowerState,
  { pollSeconds, retrySeconds }: FollowerPolicy,
): FollowerStep {
  const { attemptId, log, failures } = state
  const mode = state.mode !== 'stream' || failures > 0 ? 'poll' : state.mode
  const pause = isLagging(log) ? shortPauseSeconds : pauseAfter(failures, retrySeconds)
  const seconds = log.isFull ? retrySeconds[1] : Math.min(pause, pollSeconds)
  return {
    state: { ...state, phase: 'paused', attemptId: attemptId + 1, mode, failures: failures + 1 },
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
    state: { ...caughtUp, phase: 'stream', attemptId: state.attemptId + 1, stream },
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

/** Begins an attempt if the last one is old, or if it is stuck because the process slept. */
function onWake(state: FollowerState, olderThanSeconds: number, now: Moment): FollowerStep {
  const { phase, attemptAt = longAgo, askedAt = longAgo } = state
  const seconds = ageBetween(attemptAt, now)
  const isStuck = phase === 'pages' && ageBetween(askedAt, now) > answerSecondsMax
  if (isStuck || (phase === 'paused' && seconds >= olderThanSeconds))
    return beginAttempt(state, now)
  return unchanged(state)
}

/** Whether a lower head was seen. The node lags, or its database went back; after a minute it is a rollback. */
function isLagging({ lagSince }: FeedLog): boolean {
  return lagSince !== undefined
}

function isSame(one: FeedPosition, other: FeedPosition): boolean {
  return one.epoch === other.epoch && one.after === other.after
}

function joinSteps(first: FollowerStep, second: FollowerStep): FollowerStep {
  return { state: second.state, effects: [...first.effects, ...second.effects] }
}
