import type { Follower, FollowerDeps } from './follower.ts'
import type { FollowerPolicy } from './follower-state.ts'
import { ageBetween } from '../policy/moment.ts'

/** Units: seconds. The longest wait of a request; the time after a failed attempt in which no request waits. */
const waitSecondsMax = 3
const failedPauseSeconds = 5
/** Units: attempts of one wait: one that began before it, and one of its own. */
const attemptsMax = 2

/**
 * Creates the wait of requests for fresh entries. It returns `undefined` if the entries are fresh enough. All waiting
 * requests share one promise, which never rejects and resolves within 3 seconds.
 * Why: before the first page no entry is known. A process that is frozen between requests polls only while one waits.
 */
export function createCatchUp(
  follower: Follower,
  { streams, pollSeconds }: FollowerPolicy,
  deps: Pick<FollowerDeps, 'moment' | 'later'>,
): () => Promise<void> | undefined {
  let waiting: Promise<void> | undefined
  // With a stream, requests wait only for the first attempt. Later requests cost one comparison.
  let isDone = false

  function isOld(): boolean {
    const { hasTried, failure, caughtUpAt } = follower.state()
    if (!hasTried) return true
    if (streams || failure === 'no_feed') return false
    return caughtUpAt === undefined || ageBetween(caughtUpAt, deps.moment()) > pollSeconds
  }

  /** Whether no request waits. While the issuer is unreachable, few requests wait for an attempt. */
  function isPausing(): boolean {
    const { hasTried, failures, attemptAt } = follower.state()
    if (!hasTried || failures === 0 || attemptAt === undefined) return false
    return ageBetween(attemptAt, deps.moment()) < Math.max(pollSeconds, failedPauseSeconds)
  }

  async function tryAttempts(): Promise<void> {
    for (let attempts = 0; attempts < attemptsMax; attempts += 1) {
      await follower.attempt(0)
      if (!isOld() || follower.state().failures > 0) return
    }
  }

  function wait(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = deps.later(waitSecondsMax, resolve)
      void tryAttempts().finally(() => {
        cancel()
        resolve()
      })
    })
  }

  return () => {
    if (isDone) return undefined
    if (waiting !== undefined) return waiting
    isDone = streams && follower.state().hasTried
    if (!isOld() || isPausing()) return undefined
    waiting = wait().finally(() => {
      waiting = undefined
    })
    return waiting
  }
}
