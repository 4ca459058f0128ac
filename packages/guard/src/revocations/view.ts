import { askPatiently, runAside } from '../outbound/owners-code.ts'
import { createFeedState } from './feed-state.ts'
import {
  follow,
  type FeedPort,
  type Follower,
  type FollowerDeps,
  type FollowerTimes,
} from './follower.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import { createLiveIndex, type RevocableFacts, type RevocationVerdict } from './live-index.ts'

/** Units: seconds, counts. What a guard knows of one issuer's revocations. */
export interface FeedHealth {
  readonly state: 'fresh' | 'stale'
  readonly ageSeconds: number
  readonly mode: 'starting' | 'stream' | 'poll'
  readonly entries: number
  /** Messages that were forged, repeated or out of place. */
  readonly ignored: number
}

/** One issuer's revocations, followed and answered from memory. */
export interface FeedView {
  readonly check: (facts: RevocableFacts) => RevocationVerdict
  readonly generation: () => number
  readonly isTooStale: () => boolean
  readonly health: () => FeedHealth
  readonly ready: () => Promise<void>
  readonly close: () => void
}

/**
 * Follows one feed and answers for it.
 * Why: staleness is judged on each request, so that a feed that fell silent is noticed without a timer of its own.
 */
export function createFeedView(
  issuer: string,
  port: FeedPort,
  policy: RevocationPolicy,
  deps: Omit<FollowerDeps, 'onProgress'>,
): FeedView {
  const maxStaleSeconds = policy.maxStaleSeconds ?? 60
  const index = createLiveIndex()
  const state = createFeedState(index)
  const { snapshot } = policy
  let pruned = -Infinity
  let saved = -1
  const warmed =
    snapshot &&
    askPatiently(() => snapshot.load(issuer), deps.later).then((kept) => {
      if (kept === undefined) return
      index.apply(kept.entries)
      state.warm(kept)
    })
  // The first page is asked for from where the last life ended.
  const warmPort: FeedPort = {
    ...port,
    page: async (_, etag) => {
      await warmed
      return port.page(state.position(), etag)
    },
  }
  const keep = () => {
    const { epoch, after } = state.position()
    if (snapshot === undefined || !state.loaded() || saved === index.generation()) return
    saved = index.generation()
    runAside(() => snapshot.save(issuer, { epoch, sequence: after, entries: index.entries() }))
  }
  const follower: Follower = follow(state, warmPort, timesOf(policy, maxStaleSeconds), {
    ...deps,
    onProgress: () => {
      const { wall, monotonic } = deps.moment()
      if (monotonic - pruned < pruneSeconds) return
      pruned = monotonic
      // The earlier of two clocks: one that jumps ahead must not make an entry vanish.
      index.prune(Math.min(wall, state.issuerTime()) - keptSeconds)
      keep()
    },
  })
  const age = () => state.ageSeconds(deps.moment().monotonic)
  const freshness = () => (age() > maxStaleSeconds ? 'stale' : 'fresh')
  const stopWatching = watchFreshness(freshness, maxStaleSeconds, deps.later, (changed) =>
    runAside(() => (policy.onFreshness ?? warn)(issuer, changed)),
  )
  return {
    check: index.check,
    generation: index.generation,
    isTooStale: () => {
      follower.nudge()
      return policy.onStale === 'deny' && age() > maxStaleSeconds
    },
    health: () => ({
      state: freshness(),
      ageSeconds: age(),
      mode: follower.mode(),
      entries: index.size(),
      ignored: follower.ignored(),
    }),
    ready: async () => void (await follower.started),
    close: () => {
      stopWatching()
      keep()
      follower.close()
    },
  }
}

/**
 * Tells of each change of freshness.
 * Why: with `allow` a silent feed refuses nobody, so it must be loud somewhere.
 */
function watchFreshness(
  freshness: () => 'fresh' | 'stale',
  maxStaleSeconds: number,
  later: FollowerDeps['later'],
  tell: (state: 'fresh' | 'stale') => void,
): () => void {
  let told: 'fresh' | 'stale' = 'fresh'
  let cancel = () => {}
  const look = () => {
    const state = freshness()
    if (state !== told) tell(state)
    told = state
    cancel = later(Math.max(0.5, maxStaleSeconds / 4), look)
  }
  cancel = later(Math.max(0.5, maxStaleSeconds), look)
  return () => cancel()
}

function warn(issuer: string, state: 'fresh' | 'stale'): void {
  console.warn(
    state === 'stale'
      ? `countersign: revocations of ${issuer} are older than allowed; what was taken back since is not known here`
      : `countersign: revocations of ${issuer} are fresh again`,
  )
}

/**
 * Units: seconds. How much longer entries are kept: for the largest leeway, and an hour that all clocks may be set ahead
 * by mistake and back, as the issuer's log does.
 */
const keptSeconds = 60 + 3_600
const pruneSeconds = 30

function timesOf(policy: RevocationPolicy, maxStaleSeconds: number): FollowerTimes {
  return {
    pollSeconds: policy.pollSeconds ?? 10,
    silenceSeconds: Math.min(30, Math.max(2, maxStaleSeconds / 2)),
    retrySeconds: [0.5, 15],
  }
}
