import type { RevocationSnapshot } from '../policy/revocation-policy.ts'
import { emptyLog, type FeedLog } from './feed-log.ts'
import type { FeedMessage } from './entries.ts'
import type { Moment } from '../policy/moment.ts'
import type { EntryEffect } from './known-entries.ts'

/** The state of a follower of one feed. Plain data. */
export interface FollowerState {
  readonly log: FeedLog
  readonly phase: 'idle' | 'pages' | 'stream' | 'paused' | 'closed'
  /** Counts attempts and streams; answers that belong to an earlier one are ignored. */
  readonly turn: number
  readonly mode: 'starting' | 'stream' | 'poll'
  readonly etag: string | undefined
  /** Failures in a row, and gaps in a row that were answered by pages at once. */
  readonly failures: number
  readonly gaps: number
  /** The pages of this attempt, its begin, and the request for its newest page. */
  readonly pages: number
  readonly attemptAt: Moment | undefined
  readonly askedAt: Moment | undefined
  /** The request for the last page that reached the head. */
  readonly caughtUpAt: Moment | undefined
  /** Whether an attempt is over, well or badly. */
  readonly hasTried: boolean
  readonly stream: StreamState
  /** Messages that were forged, repeated or out of place, since the start. */
  readonly ignored: number
  readonly keys: { readonly askedAt: number; readonly areDue: boolean }
  /** The cause of the last attempt that failed. */
  readonly failure: string | undefined
}

export interface StreamState {
  readonly openedAt: number
  /** Messages that may still come now; refilled with time. */
  readonly allowance: number
  readonly countedAt: number
  readonly forged: number
}

/** Units: seconds. The host's choices. */
export interface FollowerTimes {
  /** Between polls where there is no stream. */
  readonly pollSeconds: number
  /** A stream without a fresh message for so long is cut, however warm its line is. */
  readonly silenceSeconds: number
  /** The first and the longest pause after a failure; each is jittered by half. */
  readonly retrySeconds: readonly [first: number, longest: number]
  readonly leewaySeconds: number
}

export interface FollowerPolicy extends FollowerTimes {
  /** Whether the issuer's stream is followed; otherwise pages are polled. */
  readonly streams: boolean
}

export type FollowerEvent =
  /** Begins, with the knowledge of an earlier start if there is any. */
  | { readonly type: 'start'; readonly known: RevocationSnapshot | undefined }
  | { readonly type: 'close' }
  | { readonly type: 'page'; readonly turn: number; readonly answer: PageOutcome }
  /** `read` verifies the message, which is only done while messages may still come. */
  | { readonly type: 'message'; readonly turn: number; readonly read: ReadFeedMessage }
  | { readonly type: 'closed'; readonly turn: number }
  | { readonly type: 'timer'; readonly turn: number }
  /** A request, or the owner, waits for news: a paused follower tries now if its last attempt is so old. */
  | { readonly type: 'wake'; readonly olderThanSeconds: number }

/** Verifies one message: signature, `typ`, `iss`, shape. `undefined` for a forged one. */
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
  /** Sets the one timer; jitter takes up to half of it away. */
  | { readonly do: 'wait'; readonly seconds: number; readonly isJittered: boolean }
  | { readonly do: 'stopTimer' }
  /** Fetches the issuer's token keys and the feed's keys, because the issuer announced others. */
  | { readonly do: 'fetchKeys' }
  /** An attempt is over: whoever waits for it goes on. */
  | { readonly do: 'report' }

export interface FollowerStep {
  readonly state: FollowerState
  readonly effects: readonly FollowerEffect[]
}

/** Units: messages of one stream that may come at once. */
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
  turn: 0,
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
  keys: { askedAt: -Infinity, areDue: false },
  failure: undefined,
}
