import { coalesceByName } from '../coalesce.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** The origins of the pages that are public clients. */
export interface PublicOrigins {
  /** Whether an enabled public client has a redirect URI of this origin. */
  readonly has: (origin: string) => MaybePromise<boolean>
  /** A client changed. The origins are read again at the next question. */
  readonly forget: () => void
}

/** Units: milliseconds. Strangers who ask cause one read in this time at most. */
const readEveryMs = 1_000

/**
 * Keeps the origins of public clients in memory.
 * Why: browsers ask with each preflight, and an unknown origin must cost no query.
 */
export function createPublicOrigins(
  listRedirects: () => Promise<readonly string[]>,
  monotonicMs: () => number,
): PublicOrigins {
  let known: { readonly origins: ReadonlySet<string>; readonly at: number } | undefined
  let isStale = true
  const once = coalesceByName<ReadonlySet<string>>()
  const read = () =>
    once('', async () => {
      // Before the query, so that a change during it is read again.
      isStale = false
      const at = monotonicMs()
      try {
        const origins = new Set((await listRedirects()).flatMap(originOf))
        known = { origins, at }
        return origins
      } catch {
        // Without an answer of the database nobody new is let in, and the endpoint reports the fault itself.
        isStale = true
        return known?.origins ?? new Set()
      }
    })
  return {
    has(origin) {
      if (known !== undefined && (!isStale || monotonicMs() - known.at < readEveryMs))
        return known.origins.has(origin)
      return read().then((origins) => origins.has(origin))
    },
    forget() {
      isStale = true
    },
  }
}

/** A scheme of an app has no origin. */
function originOf(redirectUri: string): readonly string[] {
  if (!URL.canParse(redirectUri)) return []
  const { origin } = new URL(redirectUri)
  return origin === 'null' ? [] : [origin]
}
