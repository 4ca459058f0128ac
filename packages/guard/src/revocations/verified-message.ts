import type { FeedMessage } from './entries.ts'
import { stepFeedLog, type FeedLogStep } from './feed-log.ts'
import type { FollowerPolicy, FollowerState, FollowerStep } from './follower-state.ts'
import { takeKeyFetch } from './key-fetches.ts'
import type { Moment } from '../policy/moment.ts'

/**
 * Applies one verified message to the log, and fetches keys if it announces others. Pure.
 * Why: a fetch for which no allowance is left stays due, and a later message causes it.
 */
export function applyVerified(
  state: FollowerState,
  message: FeedMessage,
  now: Moment,
  { leewaySeconds }: FollowerPolicy,
  entriesFree: number,
): FollowerStep & Pick<FeedLogStep, 'acceptance'> {
  const { log, acceptance, effects } = stepFeedLog(state.log, message, now, {
    entriesFree,
    leewaySeconds,
  })
  const before = state.log.newest.keys
  const areDue = state.keys.areDue || (before !== '' && log.newest.keys !== before)
  const fetches = areDue ? takeKeyFetch(state.keys.fetches, now.monotonic) : undefined
  const keys = fetches === undefined ? { ...state.keys, areDue } : { fetches, areDue: false }
  return {
    state: { ...state, log, keys },
    acceptance,
    effects: fetches === undefined ? effects : [...effects, { do: 'fetchKeys' }],
  }
}
