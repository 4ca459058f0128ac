import type { FetchedDocument, FetchRefusal } from '@countersign/guard/outbound'
import { createKeySet, type JwsAlgorithm, type KeySet, type Result } from '@countersign/jwt'

/** The public keys of a trusted issuer that are fetched from its address. */
export interface IssuerKeys {
  /** The keys, fetched where they are older than their issuer allows; `undefined` while none can be had. */
  readonly current: () => Promise<KeySet | undefined>
  /** Fetches again for a key that is not among them, where the last try is long enough ago. */
  readonly renew: () => Promise<KeySet | undefined>
}

export interface IssuerKeysDeps {
  /** Fetches one JSON document by the rules that guards fetch keys by. */
  readonly fetch: (url: string) => Promise<Result<FetchedDocument, FetchRefusal>>
  /** Units: seconds of a clock that never goes back. */
  readonly monotonic: () => number
}

/** Units: seconds. Stated ages are brought inside; a set once fetched serves that long while its owner is away. */
const ageDefault = 300
const ageMin = 30
const ageMax = 3_600
const staleMax = 86_400
const retryAfter = 5
const renewAfter = 30

/**
 * Keeps the key set behind one address.
 * Why: tries are paced, so that assertions with invented key ids cause no flood of fetches.
 */
export function createIssuerKeys(
  jwksUri: string,
  algorithms: readonly JwsAlgorithm[],
  { fetch, monotonic }: IssuerKeysDeps,
): IssuerKeys {
  let keys: KeySet | undefined
  let maxAge = 0
  let fetchedAt = -Infinity
  let triedAt = -Infinity
  let flight: Promise<void> | undefined

  async function fetchOnce(): Promise<void> {
    const fetched = await fetch(jwksUri)
    if (!fetched.ok) return
    const { document, maxAgeSeconds = ageDefault } = fetched.value
    const set = createKeySet(document, { algorithms, skipConflicts: true })
    if (!set.ok) return
    keys = set.value
    fetchedAt = monotonic()
    maxAge = Math.min(Math.max(maxAgeSeconds, ageMin), ageMax)
  }

  /** One fetch for all who ask meanwhile. */
  async function fetchAfter(seconds: number): Promise<KeySet | undefined> {
    if (flight === undefined && monotonic() - triedAt >= seconds) {
      triedAt = monotonic()
      flight = fetchOnce().finally(() => {
        flight = undefined
      })
    }
    await flight
    return monotonic() - fetchedAt < staleMax ? keys : undefined
  }

  return {
    current: async () => (monotonic() - fetchedAt < maxAge ? keys : fetchAfter(retryAfter)),
    renew: () => fetchAfter(renewAfter),
  }
}
