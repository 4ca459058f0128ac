import type { RevocationSnapshot } from '../policy/revocation-policy.ts'
import { emptyLog, type FeedLog } from './feed-log.ts'
import type { FeedMessage } from './entries.ts'
import { allKeyFetches, type KeyFetches } from './key-fetches.ts'
import type { Moment } from '../policy/moment.ts'
import type { EntryEffect } from './known-entries.ts'

/** The state of a follower of one feed. Plain data. */
export interface FollowerState {
  readonly log: FeedLog
  readonly phase: 'idle' | 'pages' | 'stream' | 'paused' | 'closed'
  /** Counts attempts and streams. Answers to an earlier one are ignored. */
  readonly attemptId: number
  readonly mode: 'starting' | 'stream' | 'poll'
  readonly etag: string | undefined
  /** Failures in a row, and gaps in a row that caused pages at once. */
  readonly failures: number
  readonly gaps: number
  /** The count of pages of this attempt, its start, and the time of its last request. */
  readonly pages: number
  readonly attemptAt: Moment | undefined
  readonly askedAt: Moment | undefined
  /** The time of the last request that reached the head. */
  readonly caughtUpAt: Moment | undefined
  /** Whether an attempt ended, with or without success. */
  readonly hasTried: boolean
  readonly stream: StreamState
  /** Forged, repeated or misplaced messages since the start. */
  readonly ignored: number
  /** Whether the issuer announced other keys, and how many fetches of keys are left. */
  readonly keys: { readonly fetches: KeyFetches; readonly areDue: boolean }
  /** The cause of the last failed attempt. */
  readonly failure: string | undefined
}

export interface StreamState {
  readonly openedAt: number
  /** Messages that may still arrive now. It grows with time. */
  readonly allowance: number
  readonly countedAt: number
  readonly forged: number
}

/** The intervals of a follower. Units: seconds. */
export interface FollowerTimes {
  /** The pause between polls without a stream. */
  readonly pollSeconds: number
  /** A stream without a fresh message for this time is closed, even if other bytes arrive. */
  readonly silenceSeconds: number
  /** The first and the longest pause after a failure. Each is jittered by half. */
  readonly retrySeconds: readonly [first: number, longest: number]
  readonly leewaySeconds: number
}

export interface FollowerPolicy extends FollowerTimes {
  /** Whether the follower opens the stream. Otherwise it polls pages. */
  readonly streams: boolean
}

export type FollowerEvent =
  /** Begins, with the snapshot of an earlier start if there is one. */
  | { readonly type: 'start'; readonly known: RevocationSnapshot | undefined }
  | { readonly type: 'close' }
  | { readonly type: 'page'; readonly attemptId: number; readonly answer: PageOutcome }
  /** `read` verifies the message. It is called only while the stream has an allowance. */
  | { readonly type: 'message'; readonly attemptId: number; readonly read: ReadFeedMessage }
  | { readonly type: 'closed'; readonly attemptId: number }
  | { readonly type: 'timer'; readonly attemptId: number }
  /** A request or the owner waits. A paused follower begins an attempt if the last one is so old. */
  | { readonly type: 'wake'; readonly olderThanSeconds: number }

/** Verifies one message: signature, `typ`, `iss`, form. Returns `undefined` for a forged one. */
export type ReadFeedMessage = () => FeedMessage | undefined

export type PageOutcome =
  | { readonly kind: 'page'; readonly read: ReadFeedMessage; readonly etag: string | undefined }
  | { readonly kind: 'unchanged' }
  /** The issuer has no feed. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string }

export interface FeedPosition {
  readonly epoch: string
  readonly after: number
}

export type FollowerEffect =
  | EntryEffect
  | { readonly do: 'fetchPage'; readonly at: FeedPosition; readonly etag: string | undefined }
  | { readonly do: 'openStream'; readonly at: FeedPosition }
  | { readonly do: 'closeStream' }
  /** Sets the one timer. Jitter shortens it by up to half. */
  | { readonly do: 'wait'; readonly seconds: number; readonly isJittered: boolean }
  | { readonly do: 'stopTimer' }
  /** Fetches the issuer's token keys and the feed's keys, because the issuer announced others. */
  | { readonly do: 'fetchKeys' }
  /** An attempt ended: the waiting requests continue. */
  | { readonly do: 'report' }

export interface FollowerStep {
  readonly state: FollowerState
  readonly effects: readonly FollowerEffect[]
}

/** Units: messages of one stream that may arrive at once. */
export const messagesAtOnce = 600

export const noStream: StreamState = {
  openedAt: 0,
  allowance: messagesAtOnce,
  countedAt: 0,
  forged: 0,
}

export const idleFollower: FollowerState = {
  log: emptyLog,
  phase: 'idle',
  attemptId: 0,
  mode: 'starting',
  etag: undefined,
  failures: 0,
  gaps: 0,
  pages: 0,
  attemptAt: undefined,
  askedAt: undefined,
  caughtUpAt: undefined,
  hasTried: false,
  stream: noStream,
  ignored: 0,
  keys: { fetches: allKeyFetches, areDue: false },
  failure: undefined,
}
