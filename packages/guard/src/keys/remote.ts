import { createKeySet, ok, refuse, type JwsAlgorithm } from '@countersign/jwt'
import type { KeyHolder } from '../policy/key-source.ts'
import { describeMetadataRefusal, discover, type IssuerMetadata } from './discovery.ts'
import { createFetchedKeys, type FetchedKeysDeps, type RemoteKeyTimes } from './fetched.ts'
import { describeFetchRefusal, fetchDocument } from '../outbound/fetch-document.ts'
import type { IssuerRoute } from './issuer-route.ts'
import type { SnapshotPort } from './snapshot.ts'

export interface RemoteKeyDeps extends FetchedKeysDeps {
  readonly snapshot?: SnapshotPort | undefined
  /** Called with each accepted metadata document. */
  readonly onMetadata?: ((metadata: IssuerMetadata) => void) | undefined
}

/** Keeps the public keys of one issuer, at the address in its metadata. */
export function createRemoteKeys(
  route: IssuerRoute,
  algorithms: readonly JwsAlgorithm[],
  times: RemoteKeyTimes,
  deps: RemoteKeyDeps,
): KeyHolder {
  const { snapshot, onMetadata } = deps
  const origin = {
    async fetch() {
      const metadata = await discover(route)
      if (!metadata.ok) return describeMetadataRefusal(metadata.refusal)
      const fetched = await fetchDocument(metadata.value.jwksUri, route.fetch, route.limits)
      if (!fetched.ok) return `keys: ${describeFetchRefusal(fetched.refusal)}`
      onMetadata?.(metadata.value)
      const { document: jwks, maxAgeSeconds } = fetched.value
      return { jwks, maxAgeSeconds }
    },
    nameOf: (jwks: object) => JSON.stringify(jwks),
    read(jwks: object) {
      const made = createKeySet(jwks, { algorithms, skipConflicts: true })
      return made.ok ? ok(made.value) : refuse(`keys: ${made.refusal.reason}`)
    },
    ...(snapshot === undefined ? {} : { snapshot: ofIssuer(snapshot, route.issuer) }),
  }
  return createFetchedKeys(origin, times, deps)
}

function ofIssuer({ load, save }: SnapshotPort, issuer: string) {
  return {
    load: () => load(issuer),
    save: (kept: Parameters<typeof save>[1]) => save(issuer, kept),
  }
}
