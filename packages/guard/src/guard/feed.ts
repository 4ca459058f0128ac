import { describeMetadataRefusal, discover, type IssuerMetadata } from '../keys/discovery.ts'
import type { IssuerRoute } from '../keys/issuer-route.ts'
import { describeFetchRefusal, fetchBytes, fetchDocument } from '../outbound/fetch-document.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import {
  createFeedPort,
  readFeedAddresses,
  type FeedAddresses,
  type FeedFetch,
  type LocateFeed,
} from '../revocations/feed-port.ts'
import { createFeedView, type FeedView } from '../revocations/view.ts'
import type { FeedMemory } from './feed-memory.ts'
import type { GuardDeps } from './options.ts'

/** The feed of one issuer. A guard follows it as soon as the metadata names it. */
export interface IssuerFeed {
  readonly view: RevocationView
  /** Called with the issuer's metadata when the keys were fetched. */
  readonly onMetadata: (metadata: IssuerMetadata) => void
}

/** The settings of one feed in its guard. */
export interface IssuerFeedSettings {
  readonly leewaySeconds: number
  /** Whether the owner set the policy. The feed then starts at once. */
  readonly isNamed: boolean
  /** Fetches the issuer's token keys, because it announced others. */
  readonly refetchKeys: () => void
  /** Called after each answer of the feed, with the text that explains a failure. */
  readonly onFetched: (failure: string | undefined) => void
  /** Keeps the entries of evicted issuers. Undefined if no issuer is evicted. */
  readonly memory: FeedMemory | undefined
}

/** Units: seconds until an issuer without a feed is asked again, if the owner set a policy. */
const absentSeconds = 300

/**
 * Sets up the feed of one issuer's revocations.
 * Why: an issuer without a feed costs nothing and is never stale, unless the owner chose `deny`. A policy of the owner
 * starts the feed at once. Otherwise the metadata or the first proven token does.
 */
export function createIssuerFeed(
  route: IssuerRoute,
  policy: RevocationPolicy,
  deps: GuardDeps,
  settings: IssuerFeedSettings,
): IssuerFeed {
  const { isNamed, memory } = settings
  const { issuer } = route
  let view: FeedView | undefined
  let located: FeedAddresses | 'none' | undefined
  let locatedAt = -Infinity
  /** Why the named feed is not followed. */
  let refusal: string | undefined
  let isClosed = false

  function onMetadata({ document }: IssuerMetadata): void {
    const addresses = locateFeed(route, document)
    const isFound = addresses !== undefined && addresses !== 'refused'
    refusal = addresses === 'refused' ? 'metadata: revocations_endpoint_refused' : undefined
    if (refusal !== undefined) settings.onFetched(refusal)
    // A followed feed stays even if a document leaves it out. Otherwise its revocations would be forgotten.
    if (!isFound && view?.snapshot() !== undefined) return
    located = isFound ? addresses : 'none'
    locatedAt = deps.monotonic()
    if (located !== 'none') startFeed()
    else if (!isNamed) stopFeed()
  }

  const locate: LocateFeed = async () => {
    const isDue = isNamed && deps.monotonic() - locatedAt > absentSeconds
    if (located !== undefined && (located !== 'none' || !isDue)) return located
    const metadata = await discover(route)
    if (metadata.ok) onMetadata(metadata.value)
    const failure = metadata.ok ? 'metadata' : describeMetadataRefusal(metadata.refusal)
    return located ?? { failure }
  }

  function startFeed(): FeedView | undefined {
    if (isClosed || view !== undefined) return view
    const streams = policy.follow !== 'poll'
    const { monotonic } = deps
    const port = createFeedPort(issuer, locate, createFeedFetch(route, policy), {
      streams,
      monotonic,
    })
    view = createFeedView(issuer, port, policy, {
      moment: () => ({ wall: deps.now(), monotonic: deps.monotonic() }),
      random: deps.random,
      later: deps.later,
      leewaySeconds: settings.leewaySeconds,
      known: memory?.takeSnapshot(issuer),
      onKeysChanged: settings.refetchKeys,
      onFetched: (failure) => settings.onFetched(failure ?? refusal),
    })
    return view
  }

  function stopFeed(): void {
    const snapshot = view?.snapshot()
    if (snapshot !== undefined) memory?.keepSnapshot(issuer, snapshot)
    view?.close()
    view = undefined
  }

  /** Starts the feed if the runtime allows it. Some allow no timers before the first request, which starts it then. */
  function tryStart(): void {
    try {
      startFeed()
    } catch {}
  }

  const isAbsent = () => located === 'none' && policy.onStale !== 'deny'
  const unknownHealth = () =>
    ({ state: isAbsent() ? 'none' : 'stale', ageSeconds: Infinity }) as const

  return {
    onMetadata,
    view: {
      begin: () => (isNamed ? tryStart() : undefined),
      check: (facts) => view?.check(facts) ?? 'live',
      findEntry: (facts) => view?.findEntry(facts),
      generation: () => view?.generation() ?? -1,
      isTooStale: () => view?.isTooStale() ?? policy.onStale === 'deny',
      catchUp: () => (view ?? (located === 'none' ? undefined : startFeed()))?.catchUp(),
      health: () => (isAbsent() ? unknownHealth() : (view?.health() ?? unknownHealth())),
      ready: async () => {
        const found = await locate()
        if (found !== 'none') return startFeed()?.ready()
        if (policy.onStale === 'deny') throw new Error(`${issuer} has no feed of revocations`)
      },
      close: () => {
        isClosed = true
        stopFeed()
      },
    },
  }
}

/** Returns the addresses to fetch the feed from: `refused` if one may not be fetched, undefined if there is no feed. */
function locateFeed(
  { locate }: IssuerRoute,
  document: IssuerMetadata['document'],
): FeedAddresses | 'refused' | undefined {
  const named = readFeedAddresses(document)
  if (named === undefined) return undefined
  const [pages, stream, jwks] = [named.pages, named.stream ?? named.pages, named.jwks].map(locate)
  if (pages?.ok !== true || stream?.ok !== true || jwks?.ok !== true) return 'refused'
  return {
    pages: pages.value,
    jwks: jwks.value,
    stream: named.stream === undefined ? undefined : stream.value,
  }
}

function createFeedFetch(
  { issuer, fetch, limits, pin }: IssuerRoute,
  { authorization }: RevocationPolicy,
): FeedFetch {
  return {
    pin,
    json: async (url) => {
      const fetched = await fetchDocument(url, fetch, limits)
      return fetched.ok ? fetched.value.document : describeFetchRefusal(fetched.refusal)
    },
    text: async (url, headers) => {
      const fetched = await fetchBytes(url, fetch, limits, { headers })
      if (!fetched.ok) return describeFetchRefusal(fetched.refusal)
      const { status, etag, bytes } = fetched.value
      return { status, etag, text: new TextDecoder().decode(bytes) }
    },
    authorization: () => authorization?.(issuer),
  }
}
