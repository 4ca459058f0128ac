import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'

/**
 * Reports each change of freshness to the owner until it is stopped.
 * Why: with `allow` a silent feed refuses no request, so the owner must learn about it.
 */
export function watchFreshness(
  issuer: string,
  freshness: () => 'fresh' | 'stale',
  maxStaleSeconds: number,
  { onFreshness = warn }: Pick<RevocationPolicy, 'onFreshness'>,
  later: (seconds: number, task: () => void) => () => void,
): () => void {
  let reported: 'fresh' | 'stale' = 'fresh'
  let cancel = () => {}
  const reportFreshness = () => {
    const state = freshness()
    if (state !== reported) runAndIgnoreFailure(() => onFreshness(issuer, state))
    reported = state
    cancel = later(maxStaleSeconds / 4, reportFreshness)
  }
  cancel = later(maxStaleSeconds, reportFreshness)
  return () => cancel()
}

function warn(issuer: string, state: 'fresh' | 'stale'): void {
  console.warn(
    state === 'stale'
      ? `countersign: revocations of ${issuer} are stale; tokens that were revoked since are not known here`
      : `countersign: revocations of ${issuer} are fresh again`,
  )
}
