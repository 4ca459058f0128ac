import { createKeySet, type KeySet } from '@countersign/jwt'
import { openEventStream } from './event-stream.ts'
import type { FeedPort, FeedPosition, PageAnswer } from './follower.ts'
import { feedAlgorithms, readMessage } from './read-message.ts'

/** Where an issuer publishes its feed, as its metadata says. */
export interface FeedAddresses {
  readonly pages: string
  readonly stream: string | undefined
  readonly jwks: string
}

/** Names of the feed in the issuer's metadata (RFC 8414 §2 allows further members). */
export const feedMetadata = {
  pages: 'revocations_endpoint',
  stream: 'revocations_stream_endpoint',
  jwks: 'revocations_jwks_uri',
} as const

/** How documents are fetched; the guard's own limits against hostile addresses apply in there. */
export interface FeedFetch {
  readonly json: (url: string) => Promise<unknown>
  readonly text: (
    url: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<
    | { readonly status: number; readonly etag: string | undefined; readonly text: string }
    | undefined
  >
  readonly authorization?: () => string | undefined
}

/** Reads where the feed is; `undefined` where the issuer has none. */
export function readFeedAddresses(
  metadata: Readonly<Record<string, unknown>>,
): FeedAddresses | undefined {
  const pages = metadata[feedMetadata.pages]
  const stream = metadata[feedMetadata.stream]
  const jwks = metadata[feedMetadata.jwks]
  if (typeof pages !== 'string' || typeof jwks !== 'string') return undefined
  return { pages, jwks, stream: typeof stream === 'string' ? stream : undefined }
}

/**
 * Reaches one issuer's feed over the network.
 * Why: the feed's keys are fetched again when others are announced, and when a page cannot be verified.
 */
export function createFeedPort(
  issuer: string,
  locate: () => Promise<FeedAddresses | undefined>,
  fetch: FeedFetch,
  streams: boolean,
): FeedPort {
  let keys: KeySet | undefined
  let addresses: FeedAddresses | undefined
  const headers = () => {
    const authorization = fetch.authorization?.()
    return authorization === undefined ? {} : { authorization }
  }

  async function loadKeys(): Promise<void> {
    addresses = (await locate()) ?? addresses
    if (addresses === undefined) return
    const set = createKeySet(await fetch.json(addresses.jwks), { algorithms: feedAlgorithms })
    if (set.ok) keys = set.value
  }

  async function page(at: FeedPosition, etag: string | undefined): Promise<PageAnswer> {
    if (keys === undefined) await loadKeys()
    // Metadata heard of since may name another place.
    else addresses = (await locate()) ?? addresses
    if (addresses === undefined || keys === undefined) return { kind: 'failed' }
    const answer = await fetch.text(withPosition(addresses.pages, at), {
      ...headers(),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    })
    if (answer?.status === 304) return { kind: 'unchanged' }
    if (answer?.status !== 200) return { kind: 'failed' }
    if (readMessage(answer.text, 'page', issuer, keys) === undefined) await loadKeys()
    return { kind: 'page', token: answer.text, etag: answer.etag }
  }

  const port: FeedPort = {
    page: (at, etag) => page(at, etag).catch((): PageAnswer => ({ kind: 'failed' })),
    read: (token, kind) =>
      keys === undefined ? undefined : readMessage(token, kind, issuer, keys),
    renewKeys: () => void loadKeys().catch(() => {}),
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
      const target = {
        url: new URL(withPosition(url, at)),
        authorization: fetch.authorization?.(),
        connectSeconds: 5,
      }
      return openEventStream(target, events)
    },
  }
}

function withPosition(address: string, { epoch, after }: FeedPosition): string {
  const url = new URL(address)
  if (epoch !== '') url.searchParams.set('epoch', epoch)
  url.searchParams.set('after', String(after))
  return url.href
}
