import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
import type { RevocationPolicy, RevocationSnapshot } from '../policy/revocation-policy.ts'
import { positionOf } from './feed-log.ts'
import type { FollowerState } from './follower-state.ts'
import type { Moment } from '../policy/moment.ts'
import type { KnownEntries } from './known-entries.ts'

/**
 * Units: seconds. Entries are kept longer by this time: the largest leeway, and an hour for clocks that are set ahead by
 * mistake and back. The issuer's log does the same.
 */
const keptSeconds = 60 + 3_600
const pruneSeconds = 30
/** Units: hashes of a snapshot. The first messages after a start are compared with them. */
const hashesKept = 256

/** Periodic work: drop ended entries and save a snapshot. */
export interface Housekeeping {
  readonly onProgress: (state: FollowerState) => void
  readonly save: (state: FollowerState) => void
}

/** Creates the housekeeping of one issuer's entries. */
export function createHousekeeping(
  issuer: string,
  entries: KnownEntries,
  { snapshot }: Pick<RevocationPolicy, 'snapshot'>,
  { moment }: { readonly moment: () => Moment },
): Housekeeping {
  let prunedAt = -Infinity
  let saved = -1

  function save(state: FollowerState): void {
    if (snapshot === undefined || !state.log.isLoaded || saved === entries.generation()) return
    const known = snapshotOf(state, entries)
    if (known === undefined) return
    saved = entries.generation()
    runAndIgnoreFailure(() => snapshot.save(issuer, known))
  }

  return {
    save,
    onProgress: (state) => {
      const { wall, monotonic } = moment()
      if (monotonic - prunedAt < pruneSeconds) return
      prunedAt = monotonic
      // The earlier of two clocks counts, so that a clock that jumps ahead drops no entry.
      entries.prune(Math.min(wall, state.log.newest.iat) - keptSeconds)
      save(state)
    },
  }
}

/** Makes a snapshot of the entries. Returns `undefined` before there is any. */
export function snapshotOf(
  { log }: FollowerState,
  entries: KnownEntries,
): RevocationSnapshot | undefined {
  const { epoch, after } = positionOf({ ...log, staged: undefined })
  const ended = entries.ended()
  if (epoch === '' && ended.length === 0) return undefined
  const hashes = log.hashes.slice(-hashesKept)
  const start = log.known?.epochStart
  const begun = start === undefined ? {} : { epochStart: start }
  return { epoch, ...begun, sequence: after, entries: entries.entries(), hashes, ended }
}
