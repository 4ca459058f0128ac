import type { FeedMessage } from './entries.ts'
import type { Acceptance, FeedState, Moment } from './feed-state.ts'

/** How the follower reaches one issuer's feed. Nothing here is believed before `read` has verified it. */
export interface FeedPort {
  readonly page: (at: FeedPosition, etag: string | undefined) => Promise<PageAnswer>
  /** Opens the stream; absent where no process stays alive. */
  readonly stream?: (at: FeedPosition, events: StreamEvents) => StreamHandle
  /** Verifies one message: signature by a feed key, `typ`, `iss`, shape. `undefined` for a forged one. */
  readonly read: (token: string, kind: 'page' | 'event') => FeedMessage | undefined
  /** Fetches the feed's keys again: the issuer announced others, which will sign soon. */
  readonly renewKeys?: () => void
}

export interface FeedPosition {
  readonly epoch: string
  readonly after: number
}

export type PageAnswer =
  | { readonly kind: 'page'; readonly token: string; readonly etag: string | undefined }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed' }

export interface StreamEvents {
  readonly message: (token: string) => void
  readonly closed: () => void
}

export interface StreamHandle {
  readonly close: () => void
}

/** Units: seconds. */
export interface FollowerTimes {
  /** Between polls where there is no stream. */
  readonly pollSeconds: number
  /** A stream without a fresh message for so long is cut, however warm its line is. */
  readonly silenceSeconds: number
  /** The first and the longest pause after a failure; each is jittered by half. */
  readonly retrySeconds: readonly [first: number, longest: number]
}

export interface FollowerDeps {
  readonly moment: () => Moment
  readonly random: () => number
  /** Runs a task later on a timer that never holds a process open; gives its cancellation. */
  readonly later: (seconds: number, task: () => void) => () => void
  readonly onKeysChanged: () => void
  readonly onProgress: () => void
}

export interface Follower {
  /** Resolves once the first snapshot is complete, or `false` when the first attempt failed. */
  readonly started: Promise<boolean>
  /** Messages that were forged or out of place, since the start. */
  readonly ignored: () => number
  readonly mode: () => 'starting' | 'stream' | 'poll'
  /** Polls now if the last attempt is older than the poll interval; for processes that sleep. */
  readonly nudge: () => void
  readonly close: () => void
}

/**
 * Follows one feed for as long as it is not closed: pages up to the head, then the stream, polling where it fails.
 * Why: each failure ends in the same place – a jittered pause, then pages from the last known position – so that
 * no order of faults needs a path of its own.
 */
export function follow(
  state: FeedState,
  port: FeedPort,
  times: FollowerTimes,
  deps: FollowerDeps,
): Follower {
  let closed = false
  let ignored = 0
  let failures = 0
  let mode: 'starting' | 'stream' | 'poll' = 'starting'
  let etag: string | undefined
  let cancelPause: (() => void) | undefined
  let stream: StreamHandle | undefined
  let wake: (() => void) | undefined
  let lastAttempt = -Infinity

  function take(token: string, kind: 'page' | 'event'): Acceptance | 'forged' {
    const message = port.read(token, kind)
    if (message === undefined) {
      ignored += 1
      return 'forged'
    }
    const before = state.keysFingerprint()
    const acceptance = state.accept(message, deps.moment())
    if (acceptance === 'repeated' && kind === 'event' && message.entries.length > 0) ignored += 1
    const keys = state.keysFingerprint()
    if (before !== '' && keys !== before) {
      deps.onKeysChanged()
      port.renewKeys?.()
    }
    deps.onProgress()
    return acceptance
  }

  /** Fetches pages until the head is reached; false when the issuer did not answer well. */
  async function catchUp(): Promise<boolean> {
    lastAttempt = deps.moment().monotonic
    for (let pages = 0; pages < pagesMax && !closed; pages += 1) {
      const before = state.position()
      const answer = await port.page(before, etag)
      if (answer.kind === 'failed') return false
      if (answer.kind === 'unchanged') return state.loaded()
      etag = answer.etag
      const acceptance = take(answer.token, 'page')
      if (acceptance === 'applied' || acceptance === 'repeated') return state.loaded()
      // A page that leads nowhere would come again, as fast as it can be fetched.
      if (acceptance !== 'partial' || isSame(before, state.position())) {
        etag = undefined
        return false
      }
    }
    return false
  }

  /** Reads the stream until it breaks, falls silent, or shows a gap. */
  function readStream(open: NonNullable<FeedPort['stream']>): Promise<'broken' | 'behind'> {
    return new Promise((resolve) => {
      let cancelWatch: (() => void) | undefined
      let over = false
      let heard = false
      const finish = (how: 'broken' | 'behind') => {
        if (over) return
        over = true
        cancelWatch?.()
        stream?.close()
        stream = undefined
        wake = undefined
        resolve(how)
      }
      const watch = () => {
        cancelWatch = deps.later(times.silenceSeconds / 2, () => {
          if (state.ageSeconds(deps.moment().monotonic) > times.silenceSeconds) finish('broken')
          else watch()
        })
      }
      wake = () => finish('broken')
      watch()
      const events: StreamEvents = {
        message: (token) => {
          if (over) return
          // Not before: of streams that never come through, pages must be able to prove freshness.
          if (!heard) state.reconnect()
          heard = true
          const acceptance = take(token, 'event')
          if (acceptance === 'applied' || acceptance === 'repeated') {
            mode = 'stream'
            failures = 0
          } else if (acceptance !== 'forged') finish('behind')
        },
        closed: () => finish('broken'),
      }
      try {
        stream = open(state.position(), events)
      } catch {
        finish('broken')
      }
    })
  }

  function pause(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancelPause?.()
        cancelPause = undefined
        wake = undefined
        resolve()
      }
      wake = done
      cancelPause = deps.later(seconds, done)
    })
  }

  function retryPause(): number {
    const [first, longest] = times.retrySeconds
    const seconds = Math.min(longest, first * 2 ** Math.min(failures, 16))
    failures += 1
    return seconds * (0.5 + deps.random() / 2)
  }

  async function run(report: (loaded: boolean) => void): Promise<void> {
    while (!closed) {
      // What a host's port throws is a failure like any other: following never ends by it.
      const caughtUp = await catchUp().catch(() => false)
      report(state.loaded())
      if (closed) return
      if (!caughtUp) {
        await pause(retryPause())
        continue
      }
      if (port.stream === undefined) {
        mode = 'poll'
        failures = 0
        await pause(times.pollSeconds)
        continue
      }
      const ended = await readStream(port.stream)
      if (ended === 'behind' && failures++ < behindMax) continue
      // A broken stream: until it stands again, each turn of this loop is a poll.
      if (mode !== 'stream' || failures > 0) mode = 'poll'
      if (!closed) await pause(Math.min(retryPause(), times.pollSeconds))
    }
  }

  const started = new Promise<boolean>((resolve) => void run(resolve))
  return {
    started,
    ignored: () => ignored,
    mode: () => mode,
    nudge: () => {
      if (port.stream === undefined && deps.moment().monotonic - lastAttempt >= times.pollSeconds)
        wake?.()
    },
    close: () => {
      closed = true
      wake?.()
      stream?.close()
    },
  }
}

function isSame(one: FeedPosition, other: FeedPosition): boolean {
  return one.epoch === other.epoch && one.after === other.after
}

/** Units: times in a row that a gap is followed by pages at once; then as any failure. */
const behindMax = 3

/** Units: pages. A snapshot larger than this is not one of ours. */
const pagesMax = 10_000
