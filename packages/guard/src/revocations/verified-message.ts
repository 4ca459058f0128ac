import type { FeedMessage } from './entries.ts'
import { stepFeedLog, type FeedLogStep } from './feed-log.ts'
import type { FollowerPolicy, FollowerState, FollowerStep } from './follower-state.ts'
import type { Moment } from '../policy/moment.ts'

/** Units: seconds between two fetches of keys after the issuer announced others. */
const keysPauseSeconds = 10

/**
 * Applies one verified message to the log, and fetches keys if it announces others. Pure.
 * Why: an issuer that announces other keys with each message must not cause a fetch with each.
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
  const mayAsk = now.monotonic - state.keys.askedAt >= keysPauseSeconds
  const keys =
    areDue && mayAsk ? { askedAt: now.monotonic, areDue: false } : { ...state.keys, areDue }
  return {
    state: { ...state, log, keys },
    acceptance,
    effects: areDue && mayAsk ? [...effects, { do: 'fetchKeys' }] : effects,
  }
}
