import { setTimeout as pause } from 'node:timers/promises'
import type { EpochSeconds } from '@countersign/jwt'

/** Units: seconds. With the pause, an app that refuses each token sends the browser here five times at most. */
const recentSeconds = 2
/** Units: milliseconds. */
const pauseMs = 500

/**
 * Whether the access token of a browser was made a moment ago. Answers after a pause then.
 * Why: tabs that load at once are refused at once. One gets the new token, and the request of another may arrive here with
 * it. That tab goes back like the first one. The pause keeps an app that refuses the new token below the number of
 * redirects at which browsers give up.
 */
export async function isJustRenewed(issuedAt: EpochSeconds, now: EpochSeconds): Promise<boolean> {
  if (now - issuedAt >= recentSeconds) return false
  await pause(pauseMs)
  return true
}
