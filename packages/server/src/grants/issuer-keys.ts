import type { FetchedDocument, FetchRefusal } from '@countersign/guard/outbound'
import { createKeySet, type JwsAlgorithm, type KeySet, type Result } from '@countersign/jwt'

/** The public keys of a trusted issuer that are fetched from its address. */
export interface IssuerKeys {
  /** Gives the keys, and fetches them where they are too old; `undefined` while there are none. */
  readonly current: () => Promise<KeySet | undefined>
  /** Fetches again for an unknown key id, unless the last try was a moment ago. */
  readonly renew: () => Promise<KeySet | undefined>
}

export interface IssuerKeysDeps {
  /** Fetches one JSON document, with the limits that guards have for keys. */
  readonly fetch: (url: string) => Promise<Result<FetchedDocument, FetchRefusal>>
  /** Units: seconds of a clock that never goes back. */
  readonly monotonic: () => number
}

/** Units: seconds. An age that the issuer states is limited to these. `staleMax`: how long a set serves while fetches fail. */
const ageDefault = 300
const ageMin = 30
const ageMax = 3_600
const staleMax = 86_400
const retryAfter = 5
const renewAfter = 30

/**
 * Keeps the key set of one address. It limits how often it fetches.
 * Why: assertions with invented key ids must not cause many fetches.
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

  /** Fetches unless the last try was too recent. Calls during a fetch share it. */
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
