import {
  describeMetadataRefusal,
  discover,
  isReachableFrom,
  type IssuerMetadata,
} from '../keys/discovery.ts'
import {
  defaultFetchLimits,
  describeFetchRefusal,
  fetchBytes,
  fetchDocument,
} from '../outbound/fetch-document.ts'
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

/** The feed of one issuer, followed from the moment its metadata names one. */
export interface IssuerFeed {
  readonly view: RevocationView
  /** Takes the issuer's metadata when the keys were fetched. */
  readonly onMetadata: (metadata: IssuerMetadata) => void
}

/** The relation of one feed to its guard. */
export interface IssuerFeedSettings {
  readonly leewaySeconds: number
  /** Whether the owner named the policy, which then starts at once. */
  readonly isNamed: boolean
  /** Fetches the issuer's token keys, because it announced others. */
  readonly refetchKeys: () => void
  /** Keeps the entries of issuers that are evicted; absent where none is. */
  readonly memory: FeedMemory | undefined
}

/** Units: seconds until an issuer that had no feed is asked again, if the owner named a policy. */
const absentSeconds = 300

/**
 * Sets up the following of one issuer's revocations.
 * Why: an issuer that has no feed costs nothing and is never stale, unless the owner asked for `deny`, which then denies.
 * A policy that the owner named starts the feed at once; otherwise the metadata or the first proven token does.
 */
export function createIssuerFeed(
  issuer: string,
  policy: RevocationPolicy,
  deps: GuardDeps,
  settings: IssuerFeedSettings,
): IssuerFeed {
  const { isNamed, memory } = settings
  let view: FeedView | undefined
  let located: FeedAddresses | 'none' | undefined
  let locatedAt = -Infinity
  let isClosed = false

  function onMetadata({ document }: IssuerMetadata): void {
    const addresses = readFeedAddresses(document)
    const isFound = addresses !== undefined && isReachable(issuer, addresses)
    // A feed that was followed is not given up because a document leaves it out: its revocations would be forgotten.
    if (!isFound && view?.snapshot() !== undefined) return
    located = isFound ? addresses : 'none'
    locatedAt = deps.monotonic()
    if (located !== 'none') start()
    else if (!isNamed) stop()
  }

  const locate: LocateFeed = async () => {
    const isDue = isNamed && deps.monotonic() - locatedAt > absentSeconds
    if (located !== undefined && (located !== 'none' || !isDue)) return located
    const metadata = await discover(issuer, deps.fetch, defaultFetchLimits)
    if (metadata.ok) onMetadata(metadata.value)
    const failure = metadata.ok ? 'metadata' : describeMetadataRefusal(metadata.refusal)
    return located ?? { failure }
  }

  function start(): FeedView | undefined {
    if (isClosed || view !== undefined) return view
    const streams = policy.follow !== 'poll'
    const { monotonic } = deps
    const port = createFeedPort(issuer, locate, fetchOf(issuer, policy, deps), {
      streams,
      monotonic,
    })
    view = createFeedView(issuer, port, policy, {
      moment: () => ({ wall: deps.now(), monotonic: deps.monotonic() }),
      random: deps.random,
      later: deps.later,
      leewaySeconds: settings.leewaySeconds,
      known: memory?.take(issuer),
      onKeysChanged: settings.refetchKeys,
    })
    return view
  }

  function stop(): void {
    const snapshot = view?.snapshot()
    if (snapshot !== undefined) memory?.keep(issuer, snapshot)
    view?.close()
    view = undefined
  }

  /** Some runtimes allow no timers before the first request, which then starts the feed. */
  function tryStart(): void {
    try {
      start()
    } catch {}
  }

  const isAbsent = () => located === 'none' && policy.onStale !== 'deny'
  const unheard = () => ({ state: isAbsent() ? 'none' : 'stale', ageSeconds: Infinity }) as const

  return {
    onMetadata,
    view: {
      begin: () => (isNamed ? tryStart() : undefined),
      check: (facts) => view?.check(facts) ?? 'live',
      generation: () => view?.generation() ?? -1,
      isTooStale: () => view?.isTooStale() ?? policy.onStale === 'deny',
      catchUp: () => (view ?? (located === 'none' ? undefined : start()))?.catchUp(),
      health: () => (isAbsent() ? unheard() : (view?.health() ?? unheard())),
      ready: async () => {
        const found = await locate()
        if (found !== 'none') return start()?.ready()
        if (policy.onStale === 'deny') throw new Error(`${issuer} has no feed of revocations`)
      },
      close: () => {
        isClosed = true
        stop()
      },
    },
  }
}

function isReachable(issuer: string, { pages, stream = pages, jwks }: FeedAddresses): boolean {
  return [pages, stream, jwks].every((address) => isReachableFrom(issuer, address))
}

function fetchOf(
  issuer: string,
  { authorization }: RevocationPolicy,
  { fetch }: GuardDeps,
): FeedFetch {
  return {
    json: async (url) => {
      const fetched = await fetchDocument(url, fetch, defaultFetchLimits)
      return fetched.ok ? fetched.value.document : describeFetchRefusal(fetched.refusal)
    },
    text: async (url, headers) => {
      const fetched = await fetchBytes(url, fetch, defaultFetchLimits, { headers })
      if (!fetched.ok) return describeFetchRefusal(fetched.refusal)
      const { status, etag, bytes } = fetched.value
      return { status, etag, text: new TextDecoder().decode(bytes) }
    },
    authorization: () => authorization?.(issuer),
  }
}
