import { answerOrNothing } from '../outbound/owners-code.ts'
import type { RevokingEntry } from '../policy/revocation-entry.ts'
import type { RevocationPolicy, RevocationSnapshot } from '../policy/revocation-policy.ts'
import { createCatchUp } from './catch-up.ts'
import { knowledgeAge } from './feed-log.ts'
import { follow, type FeedPort, type FollowerDeps } from './follower.ts'
import type { FollowerPolicy } from './follower-state.ts'
import { createHousekeeping, snapshotOf } from './housekeeping.ts'
import { createKnownEntries } from './known-entries.ts'
import type { IndexedFacts, RevocationVerdict } from './live-index.ts'
import { watchFreshness } from './watch-freshness.ts'

/** The state of one issuer's revocations in a guard. Units: seconds, counts. */
export interface FeedHealth {
  readonly state: 'fresh' | 'stale'
  readonly ageSeconds: number
  readonly mode: 'starting' | 'stream' | 'poll'
  /** Entries of all epochs, those of an incomplete snapshot included. */
  readonly entries: number
  /** Forged, repeated or misplaced messages. */
  readonly ignored: number
  /** The cause of the last failure; `full` if more entries arrived than fit. */
  readonly failure?: string
}

/** One issuer's revocations, followed and kept in memory. */
export interface FeedView {
  readonly check: (facts: IndexedFacts) => RevocationVerdict
  readonly findEntry: (facts: IndexedFacts) => RevokingEntry | undefined
  readonly generation: () => number
  readonly isTooStale: () => boolean
  readonly catchUp: () => Promise<void> | undefined
  readonly health: () => FeedHealth
  /** Throws: Error in the promise if the revocations could not be fetched. */
  readonly ready: () => Promise<void>
  /** Makes a snapshot of the entries. Returns `undefined` before there is any. */
  readonly snapshot: () => RevocationSnapshot | undefined
  readonly close: () => void
}

export interface FeedViewDeps extends Omit<FollowerDeps, 'onProgress'> {
  readonly leewaySeconds: number
  /** A snapshot in memory. It is enforced at once, and counts as stale until the issuer confirms it. */
  readonly known?: RevocationSnapshot | undefined
  /** Called after each answer and message, with the text that explains a failure. */
  readonly onFetched?: ((failure: string | undefined) => void) | undefined
}

/** Units: seconds; entries. */
const staleSecondsMin = 5
const entriesMaxDefault = 300_000

/**
 * Follows one feed and answers from its entries.
 * Why: each request computes the age, so a silent feed is noticed without a timer.
 */
export function createFeedView(
  issuer: string,
  port: FeedPort,
  policy: RevocationPolicy,
  deps: FeedViewDeps,
): FeedView {
  const maxStaleSeconds = Math.max(staleSecondsMin, policy.maxStaleSeconds ?? 60)
  const entries = createKnownEntries(policy.entriesMax ?? entriesMaxDefault)
  const housekeeping = createHousekeeping(issuer, entries, policy, deps)
  const followerPolicy = policyOf(policy, maxStaleSeconds, deps.leewaySeconds, port)
  const { snapshot } = policy
  const known =
    deps.known === undefined && snapshot !== undefined
      ? answerOrNothing(() => snapshot.load(issuer), deps.later)
      : deps.known
  const follower = follow(known, entries, port, followerPolicy, {
    ...deps,
    onProgress: () => {
      const { failure, phase } = follower.state()
      housekeeping.onProgress(follower.state())
      // An issuer without a feed is not away.
      if (phase !== 'closed') deps.onFetched?.(failure === 'no_feed' ? undefined : failure)
    },
  })
  const age = () => knowledgeAge(follower.state().log, deps.moment())
  const freshness = (): 'fresh' | 'stale' => (age() > maxStaleSeconds ? 'stale' : 'fresh')
  const stopWatching = watchFreshness(issuer, freshness, maxStaleSeconds, policy, deps.later)
  const isTooStale = () => policy.onStale === 'deny' && age() > maxStaleSeconds

  return {
    check: entries.check,
    findEntry: entries.findEntry,
    generation: entries.generation,
    isTooStale,
    catchUp: createCatchUp(follower, followerPolicy, deps),
    health: (): FeedHealth => {
      const { mode, ignored, failure } = follower.state()
      const now = { state: freshness(), ageSeconds: age() } as const
      const health = { ...now, mode, entries: entries.size(), ignored }
      return failure === undefined ? health : { ...health, failure }
    },
    ready: async () => {
      if (!follower.state().log.isLoaded) await follower.attempt(0)
      const { log, failure } = follower.state()
      if (!log.isLoaded) throw new Error(`no revocations of ${issuer}: ${failure ?? 'closed'}`)
      if (isTooStale()) throw new Error(`the revocations of ${issuer} are stale`)
    },
    snapshot: () => snapshotOf(follower.state(), entries),
    close: () => {
      stopWatching()
      housekeeping.save(follower.state())
      follower.close()
    },
  }
}

function policyOf(
  { pollSeconds = 10 }: RevocationPolicy,
  maxStaleSeconds: number,
  leewaySeconds: number,
  { stream }: FeedPort,
): FollowerPolicy {
  return {
    pollSeconds,
    leewaySeconds,
    silenceSeconds: Math.min(30, maxStaleSeconds / 2),
    retrySeconds: [0.5, 15],
    streams: stream !== undefined,
  }
}
