import type { RevocationSnapshot } from '../policy/revocation-policy.ts'
import type { FeedMessage } from './entries.ts'
import {
  idleFollower,
  type FeedPosition,
  type FollowerEffect,
  type FollowerEvent,
  type FollowerPolicy,
  type FollowerState,
} from './follower-state.ts'
import { stepFollower } from './follower-step.ts'
import type { Moment } from '../policy/moment.ts'
import type { KnownEntries } from './known-entries.ts'

/** The follower's access to one issuer's feed. No message counts before `read` has verified it. */
export interface FeedPort {
  readonly page: (at: FeedPosition, etag: string | undefined) => Promise<PageAnswer>
  /** Opens the stream. Absent if no process stays alive. */
  readonly stream?: (at: FeedPosition, events: StreamEvents) => StreamHandle
  /** Verifies one message: signature by a feed key, `typ`, `iss`, form. Returns `undefined` for a forged one. */
  readonly read: (token: string, kind: 'page' | 'event') => FeedMessage | undefined
  /** Fetches the feed's keys again, because the issuer announced others. */
  readonly renewKeys?: () => void
}

export type PageAnswer =
  | { readonly kind: 'page'; readonly token: string; readonly etag: string | undefined }
  | { readonly kind: 'unchanged' }
  /** The issuer has no feed. */
  | { readonly kind: 'absent' }
  /** `reason` explains in our words why the page is missing. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface StreamEvents {
  readonly message: (token: string) => void
  readonly closed: () => void
}

export interface StreamHandle {
  readonly close: () => void
}

export interface FollowerDeps {
  readonly moment: () => Moment
  readonly random: () => number
  /** Runs a task later on a timer that never holds a process open. Returns the function that cancels it. */
  readonly later: (seconds: number, task: () => void) => () => void
  readonly onKeysChanged: () => void
  /** Called after each answer and message. */
  readonly onProgress: () => void
}

export interface Follower {
  readonly state: () => FollowerState
  /** Begins an attempt if the last one is older. Resolves when the running attempt ends. */
  readonly attempt: (olderThanSeconds: number) => Promise<void>
  readonly close: () => void
}

/**
 * Performs the effects of a follower's steps until it is closed.
 * Why: `stepFollower` makes all decisions. This function only fetches, opens, waits and passes answers on.
 */
export function follow(
  known: RevocationSnapshot | undefined | Promise<RevocationSnapshot | undefined>,
  entries: KnownEntries,
  port: FeedPort,
  policy: FollowerPolicy,
  deps: FollowerDeps,
): Follower {
  let state = idleFollower
  let stream: StreamHandle | undefined
  let cancelTimer = (): void => {}
  const waiting: (() => void)[] = []

  function handle(event: FollowerEvent): void {
    const now = deps.moment()
    const { state: next, effects } = stepFollower(state, event, now, policy, entries.entriesFree())
    state = next
    for (const effect of effects) perform(effect, now)
    if (event.type === 'page' || event.type === 'message') deps.onProgress()
  }

  function perform(effect: FollowerEffect, { wall }: Moment): void {
    const { attemptId } = state
    switch (effect.do) {
      case 'fetchPage':
        return void fetchPage(attemptId, effect.at, effect.etag)
      case 'openStream':
        return openStream(attemptId, effect.at)
      case 'closeStream':
        stream?.close()
        stream = undefined
        return
      case 'wait': {
        const share = effect.isJittered ? 0.5 + deps.random() / 2 : 1
        cancelTimer()
        cancelTimer = deps.later(effect.seconds * share, () => handle({ type: 'timer', attemptId }))
        return
      }
      case 'stopTimer':
        return cancelTimer()
      case 'fetchKeys':
        deps.onKeysChanged()
        return port.renewKeys?.()
      case 'report':
        for (const resolve of waiting.splice(0)) resolve()
        return
      default:
        return entries.perform(effect, wall + lifetimeSecondsMax)
    }
  }

  async function fetchPage(
    attemptId: number,
    at: FeedPosition,
    etag: string | undefined,
  ): Promise<void> {
    const answer = await port
      .page(at, etag)
      .catch((): PageAnswer => ({ kind: 'failed', reason: 'fault' }))
    if (answer.kind !== 'page') return handle({ type: 'page', attemptId, answer })
    const read = () => port.read(answer.token, 'page')
    handle({ type: 'page', attemptId, answer: { kind: 'page', read, etag: answer.etag } })
  }

  function openStream(attemptId: number, at: FeedPosition): void {
    const closed = () => handle({ type: 'closed', attemptId })
    const message = (token: string) =>
      handle({ type: 'message', attemptId, read: () => port.read(token, 'event') })
    try {
      stream = port.stream?.(at, { message, closed })
    } catch {
      closed()
    }
  }

  if (known instanceof Promise)
    void known.then((loaded) => handle({ type: 'start', known: loaded }))
  else handle({ type: 'start', known })
  return {
    state: () => state,
    attempt: (olderThanSeconds) =>
      new Promise((resolve) => {
        handle({ type: 'wake', olderThanSeconds })
        if (state.phase === 'pages' || state.phase === 'idle') waiting.push(resolve)
        else resolve()
      }),
    close: () => handle({ type: 'close' }),
  }
}

/**
 * Units: seconds. The longest life of an entry: the longest life of a token, an hour for clocks that are set ahead by
 * mistake, and the leeway of both sides.
 */
const lifetimeSecondsMax = 86_400 + 3_600 + 120
