import { createKeySet, type KeySet } from '@countersign/jwt'
import { openEventStream, type StreamTarget } from './event-stream.ts'
import type { FeedPort, PageAnswer } from './follower.ts'
import type { FeedPosition } from './follower-state.ts'
import { allKeyFetches, takeKeyFetch } from './key-fetches.ts'
import { feedAlgorithms, readMessage } from './read-message.ts'

/** The addresses of an issuer's feed, from its metadata. */
export interface FeedAddresses {
  readonly pages: string
  readonly stream: string | undefined
  readonly jwks: string
}

/** The members of the issuer's metadata for the feed (RFC 8414 §2 allows further members). */
export const feedMetadata = {
  pages: 'revocations_endpoint',
  stream: 'revocations_stream_endpoint',
  jwks: 'revocations_jwks_uri',
} as const

/** Fetches documents within the guard's limits. Returns a text that explains a failure. */
export interface FeedFetch {
  readonly json: (url: string) => Promise<object | string>
  readonly text: (
    url: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<FetchedText | string>
  readonly authorization?: () => string | undefined
  /** Finds where the stream connects to. Default: the host of its address. */
  readonly pin?: StreamTarget['pin']
}

interface FetchedText {
  readonly status: number
  readonly etag: string | undefined
  readonly text: string
}

/** Reads the addresses of the feed. Returns `undefined` if the issuer has none. */
export function readFeedAddresses(
  metadata: Readonly<Record<string, unknown>>,
): FeedAddresses | undefined {
  const pages = metadata[feedMetadata.pages]
  const stream = metadata[feedMetadata.stream]
  const jwks = metadata[feedMetadata.jwks]
  if (typeof pages !== 'string' || typeof jwks !== 'string') return undefined
  return { pages, jwks, stream: typeof stream === 'string' ? stream : undefined }
}

/** Finds the feed: its addresses, `none` if the issuer has no feed, or a failure. */
export type LocateFeed = () => Promise<FeedAddresses | 'none' | { readonly failure: string }>

/**
 * Reads one issuer's feed over the network.
 * Why: the feed's keys are fetched again if others are announced or a page cannot be verified. Such fetches are joined
 * and limited, because a hostile feed may cause them with each message and name any host.
 */
export function createFeedPort(
  issuer: string,
  locate: LocateFeed,
  fetch: FeedFetch,
  { streams, monotonic }: { readonly streams: boolean; readonly monotonic: () => number },
): FeedPort {
  let keys: KeySet | undefined
  let addresses: FeedAddresses | undefined
  let fetching: Promise<string | undefined> | undefined
  let fetches = allKeyFetches
  /** Other keys were announced during a fetch, so its answer may be older. */
  let isOutdated = false

  async function fetchKeys(jwks: string): Promise<string | undefined> {
    const document = await fetch.json(jwks)
    if (typeof document === 'string') return document
    const set = createKeySet(document, { algorithms: feedAlgorithms, skipConflicts: true })
    if (!set.ok) return set.refusal.reason
    keys = set.value
    return undefined
  }

  const hasKeys = () => keys !== undefined && keys.keys.length > 0

  function loadKeys(jwks: string): Promise<string | undefined> {
    fetching ??= fetchKeys(jwks).finally(() => {
      fetching = undefined
      if (isOutdated) renewAndIgnoreFailure()
    })
    return fetching
  }

  async function renewKeys(): Promise<void> {
    isOutdated = fetching !== undefined
    const left = isOutdated ? fetches : takeKeyFetch(fetches, monotonic())
    if (addresses === undefined || left === undefined) return
    fetches = left
    await loadKeys(addresses.jwks)
  }

  const renewAndIgnoreFailure = () => void renewKeys().catch(() => {})

  async function page(at: FeedPosition, etag: string | undefined): Promise<PageAnswer> {
    // Newer metadata may name another address.
    const located = await locate()
    if (located === 'none') return { kind: 'absent' }
    if ('pages' in located) addresses = located
    if (addresses === undefined)
      return failedPage('failure' in located ? located.failure : 'metadata')
    const fault = hasKeys() ? undefined : await loadKeys(addresses.jwks)
    if (keys === undefined || !hasKeys()) return failedPage(`keys: ${fault ?? 'no_usable_key'}`)
    const answer = await fetch.text(withPosition(addresses.pages, at), {
      ...authorizationHeader(fetch),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    })
    if (typeof answer === 'string') return failedPage(`page: ${answer}`)
    if (answer.status === 304) return { kind: 'unchanged' }
    if (answer.status !== 200) return failedPage(`page: status ${answer.status}`)
    if (readMessage(answer.text, 'page', issuer, keys) === undefined) await renewKeys()
    return { kind: 'page', token: answer.text, etag: answer.etag }
  }

  const port: FeedPort = {
    page: (at, etag) => page(at, etag).catch((): PageAnswer => failedPage('fault')),
    read: (token, kind) =>
      keys === undefined ? undefined : readMessage(token, kind, issuer, keys),
    renewKeys: renewAndIgnoreFailure,
  }
  if (!streams) return port
  return {
    ...port,
    stream: (at, events) => {
      const url = addresses?.stream
      if (url === undefined) {
        queueMicrotask(events.closed)
        return { close: () => {} }
      }
      const { authorization } = authorizationHeader(fetch)
      const target = {
        url: new URL(withPosition(url, at)),
        authorization,
        pin: fetch.pin,
        connectSeconds: 5,
        monotonic,
      }
      return openEventStream(target, events)
    },
  }
}

function failedPage(reason: string): PageAnswer {
  return { kind: 'failed', reason }
}

function authorizationHeader(fetch: FeedFetch): { readonly authorization?: string } {
  const authorization = fetch.authorization?.()
  return authorization === undefined ? {} : { authorization }
}

function withPosition(address: string, { epoch, after }: FeedPosition): string {
  const url = new URL(address)
  if (epoch !== '') url.searchParams.set('epoch', epoch)
  url.searchParams.set('after', String(after))
  return url.href
}
