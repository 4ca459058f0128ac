import { discover, isReachableFrom, type IssuerMetadata } from '../keys/discovery.ts'
import { defaultFetchLimits, fetchDocument, fetchBytes } from '../outbound/fetch-document.ts'
import type { RevocationView } from '../policy/revocation-view.ts'
import {
  createFeedPort,
  readFeedAddresses,
  type FeedAddresses,
  type FeedFetch,
} from '../revocations/feed-port.ts'
import { createFeedView, type FeedView } from '../revocations/view.ts'
import type { RevocationPolicy } from '../policy/revocation-policy.ts'
import type { GuardDeps } from './options.ts'

/** The feed of one issuer, followed from the moment its metadata names one. */
export interface IssuerFeed {
  readonly view: RevocationView
  /** Hears of the issuer's metadata when the keys were fetched. */
  readonly onMetadata: (metadata: IssuerMetadata) => void
}

/**
 * Sets up the following of one issuer's revocations.
 * Why: an issuer that has no feed costs nothing and is never stale, unless its owner asked for `deny`, which then
 * denies: a promise that cannot be kept is not kept in silence. A policy that the owner named starts the feed at
 * once; otherwise the issuer's metadata or the first proven token does.
 */
export function createIssuerFeed(
  issuer: string,
  policy: RevocationPolicy,
  deps: GuardDeps,
  refetchKeys: () => void,
  named: boolean,
): IssuerFeed {
  let view: FeedView | undefined
  let known: FeedAddresses | 'none' | undefined
  let closed = false

  function onMetadata({ document }: IssuerMetadata): void {
    const addresses = readFeedAddresses(document)
    known = addresses !== undefined && isReachable(issuer, addresses) ? addresses : 'none'
    if (known !== 'none') start()
  }

  async function locate(): Promise<FeedAddresses | undefined> {
    if (known === undefined) {
      const metadata = await discover(issuer, deps.fetch, defaultFetchLimits)
      if (metadata.ok) onMetadata(metadata.value)
    }
    return known === 'none' ? undefined : known
  }

  function start(): FeedView | undefined {
    if (closed) return view
    const port = createFeedPort(
      issuer,
      locate,
      fetchOf(issuer, policy, deps),
      policy.follow !== 'poll',
    )
    view ??= createFeedView(issuer, port, policy, {
      moment: () => ({ wall: deps.now(), monotonic: deps.monotonic() }),
      random: deps.random,
      later: deps.later,
      onKeysChanged: refetchKeys,
    })
    return view
  }

  const stateWithoutView = () => (known === 'none' && policy.onStale !== 'deny' ? 'none' : 'stale')

  /** Some runtimes allow no timers before the first request, which then starts the feed. */
  function tryStart(): void {
    try {
      start()
    } catch {}
  }

  if (named) tryStart()
  return {
    onMetadata,
    view: {
      check: (facts) => view?.check(facts) ?? 'live',
      generation: () => view?.generation() ?? -1,
      catchUp: () => {
        if (view === undefined && known === undefined) start()
        return undefined
      },
      isTooStale: () => view?.isTooStale() ?? policy.onStale === 'deny',
      health: () => view?.health() ?? { state: stateWithoutView(), ageSeconds: Infinity },
      ready: async () => ((await locate()) === undefined ? undefined : start()?.ready()),
      close: () => {
        closed = true
        view?.close()
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
      return fetched.ok ? fetched.value.document : undefined
    },
    text: async (url, headers) => {
      const fetched = await fetchBytes(url, fetch, defaultFetchLimits, { headers })
      if (!fetched.ok) return undefined
      const { status, etag, bytes } = fetched.value
      return { status, etag, text: new TextDecoder().decode(bytes) }
    },
    authorization: () => authorization?.(issuer),
  }
}
