import { createKeySet, ok, refuse, type KeyAlgorithm, type Result } from '@countersign/jwt'
import {
  describeFetchRefusal,
  type FetchedDocument,
  type FetchRefusal,
} from '../outbound/fetch-document.ts'
import type { KeyHolder } from '../policy/key-source.ts'
import { createFetchedKeys, defaultRemoteKeyTimes } from './fetched.ts'

export interface KeysAtDeps {
  /** Fetches one JSON document by the rules of `fetchDocument`. */
  readonly fetch: (address: string) => Promise<Result<FetchedDocument, FetchRefusal>>
  /** A clock that never goes back. Units: seconds. */
  readonly monotonic: () => number
}

/** Units: seconds between two attempts while the address is unreachable. */
const retrySeconds = 5

/**
 * Keeps the public keys at one address for some algorithms. The first request waits for the fetch. Later requests start
 * a fetch and do not wait for it.
 * Why: no timer runs, so an unused address costs nothing and needs no close.
 */
export function createKeysAt(
  address: string,
  algorithms: readonly KeyAlgorithm[],
  { fetch, monotonic }: KeysAtDeps,
): KeyHolder {
  const origin = {
    async fetch() {
      const fetched = await fetch(address)
      if (!fetched.ok) return describeFetchRefusal(fetched.refusal)
      const { document: jwks, maxAgeSeconds } = fetched.value
      return { jwks, maxAgeSeconds }
    },
    nameOf: (jwks: object) => JSON.stringify(jwks),
    read(jwks: object) {
      const made = createKeySet(jwks, { algorithms, skipConflicts: true })
      return made.ok ? ok(made.value) : refuse(made.refusal.reason)
    },
  }
  const times = { ...defaultRemoteKeyTimes, retrySeconds: [retrySeconds, retrySeconds] } as const
  const deps = { now: monotonic, monotonic, random: () => 1, later: () => () => undefined }
  return createFetchedKeys(origin, times, deps)
}
