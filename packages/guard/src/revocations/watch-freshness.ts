import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'

export interface WatchDeps {
  readonly later: (seconds: number, task: () => void) => () => void
  /** Writes a line for the owner, if the policy has no function for it. */
  readonly notify: (line: string) => void
}

/**
 * Reports each change of freshness to the owner until it is stopped.
 * Why: with `allow` a silent feed refuses no request, so the owner must learn about it.
 */
export function watchFreshness(
  issuer: string,
  freshness: () => 'fresh' | 'stale',
  maxStaleSeconds: number,
  { onFreshness }: Pick<RevocationPolicy, 'onFreshness'>,
  { later, notify }: WatchDeps,
): () => void {
  let reported: 'fresh' | 'stale' = 'fresh'
  let cancel = () => {}
  const reportFreshness = () => {
    const state = freshness()
    if (state !== reported)
      runAndIgnoreFailure(() =>
        onFreshness === undefined ? notify(sayState(issuer, state)) : onFreshness(issuer, state),
      )
    reported = state
    cancel = later(maxStaleSeconds / 4, reportFreshness)
  }
  cancel = later(maxStaleSeconds, reportFreshness)
  return () => cancel()
}

function sayState(issuer: string, state: 'fresh' | 'stale'): string {
  return state === 'stale'
    ? `countersign: revocations of ${issuer} are stale; tokens that were revoked since are not known here`
    : `countersign: revocations of ${issuer} are fresh again`
}
