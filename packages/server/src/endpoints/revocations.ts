import { feedMetadata } from '@countersign/guard/revocations'
import type { AnyReply, HttpReply, HttpRequest, Outlet } from '../http/exchange.ts'
import { replyJson } from '../http/reply.ts'
import { networkOf } from '../http/network.ts'
import type { Feed } from '../revocation/feed.ts'
import type { FeedPosition } from '../revocation/pages.ts'
import type { SignedEvent } from '../revocation/recent-events.ts'
import { defineEndpoint } from './endpoint.ts'
import { answerJson, keySetMembers, refusal, tokenRefusals, type Parameter } from './reference.ts'
import type { Services, StreamLimits } from './services.ts'

export const streamLimits: StreamLimits = {
  perAddressMax: 200,
  totalMax: 5000,
  waitingBytesMax: 512 * 1024,
}

/** The parameters of a position in the log. */
const position: readonly Parameter[] = [
  { in: 'query', name: 'epoch', about: 'The epoch of the log that the caller knows.' },
  {
    in: 'query',
    name: 'after',
    about: 'The number of the last entry that the caller has.',
    type: 'integer',
  },
]

type FeedServices = Pick<Services, 'feed' | 'admitToFeed'>

/**
 * Serves the snapshot pages of the revocation feed.
 * Refuses: 400 for a malformed position, and every refusal of `admitToFeed`.
 * Source: ours (docs/revocation.md).
 */
export const feedPagesEndpoint = defineEndpoint({
  method: 'GET',
  path: '/revocations',
  reference: {
    summary: 'Publishes the revocation log in signed pages.',
    authentication: 'token if closed',
    parameters: [
      ...position,
      { in: 'header', name: 'If-None-Match', about: 'The tag of the page that the caller has.' },
    ],
    answers: [
      {
        status: 200,
        about: 'The next page, signed.',
        mediaType: 'application/jwt',
        headers: ['ETag'],
      },
      { status: 304, about: 'The caller has this page.' },
      refusal(400, 'invalid_request', 'The position is malformed.'),
      refusal(503, 'temporarily_unavailable', 'Too many pages are being made.'),
      ...tokenRefusals,
    ],
  },
  cors: 'open',
  metadata: { member: feedMetadata.pages },
  make: (services: FeedServices) => (request) =>
    admitted(services, request, (at) => page(services, request, at)),
})

/**
 * Serves the stream of revocations.
 * Refuses: 400 for a missing or malformed position, 503 with `Retry-After` for one stream too many, and every refusal of
 * `admitToFeed`.
 * Source: ours (docs/revocation.md).
 */
export const feedStreamEndpoint = defineEndpoint({
  method: 'GET',
  path: '/revocations/stream',
  reference: {
    summary: 'Publishes new entries of the revocation log as they are committed.',
    authentication: 'token if closed',
    parameters: position.map((field) => ({ ...field, isRequired: true })),
    answers: [
      { status: 200, about: 'Signed events without an end.', mediaType: 'text/event-stream' },
      refusal(400, 'invalid_request', 'The position is missing or malformed.'),
      refusal(503, 'too_many_streams', 'Too many streams are open.'),
      ...tokenRefusals,
    ],
  },
  metadata: { member: feedMetadata.stream },
  make: (services: FeedServices & Pick<Services, 'streamLimits'>) => {
    const streams = createStreams(services)
    return (request) =>
      admitted(services, request, (at, until) =>
        at.isStated ? streams.open(request, at, until) : badPosition,
      )
  },
})

/** Publishes the keys of the feed, which sign nothing else. */
export const feedKeysEndpoint = defineEndpoint({
  method: 'GET',
  path: '/revocations/jwks.json',
  reference: {
    summary: 'Publishes the public keys of the feed.',
    answers: [answerJson('The key set.', keySetMembers, 'application/jwk-set+json')],
  },
  cors: 'open',
  metadata: { member: feedMetadata.jwks },
  ignoresRevocations: true,
  make:
    ({ ring }: { readonly ring: Pick<Services['ring'], 'feedJwks'> }) =>
    () => ({
      status: 200,
      headers: {
        'content-type': 'application/jwk-set+json',
        'cache-control': 'public, max-age=300',
      },
      body: JSON.stringify(ring.feedJwks()),
    }),
})

async function admitted(
  { admitToFeed }: FeedServices,
  request: HttpRequest,
  serve: (at: StatedPosition, until: number) => AnyReply | Promise<AnyReply>,
): Promise<AnyReply> {
  const admittance = (await admitToFeed?.(request)) ?? { until: Infinity }
  if ('status' in admittance) return admittance
  const at = parsePosition(request.query)
  if (at === undefined) return badPosition
  return serve(at, admittance.until)
}

const noStore = { 'cache-control': 'no-store' } as const
const badPosition = replyJson(400, { error: 'invalid_request' }, noStore)
const busy = replyJson(
  503,
  { error: 'temporarily_unavailable' },
  { ...noStore, 'retry-after': '1' },
)

/** A position, and whether the request stated all of it. A stream must state it, because it follows a page. */
interface StatedPosition extends FeedPosition {
  readonly isStated: boolean
}

/** Reads `epoch` and `after`. Both may be absent for the first page. */
function parsePosition(query: string): StatedPosition | undefined {
  if (query.length > 256) return undefined
  const form = new URLSearchParams(query)
  if (form.getAll('epoch').length > 1 || form.getAll('after').length > 1) return undefined
  const text = form.get('after') ?? '0'
  const after = Number(text)
  // Each number has one spelling: 1e3, 0x10 and the empty text are refused.
  if (!Number.isSafeInteger(after) || after < 0 || String(after) !== text) return undefined
  const epoch = form.get('epoch') ?? ''
  return { epoch, after, isStated: epoch !== '' && form.has('after') }
}

async function page(
  { feed, admitToFeed }: FeedServices,
  request: HttpRequest,
  at: FeedPosition,
): Promise<HttpReply> {
  const made = await feed.page(at, networkOf(request.address))
  if (made === 'busy') return busy
  const { token, etag } = made
  // Fresh for a moment only, because a guard measures its age from the signature. A closed feed must not be in shared caches.
  const cacheControl = admitToFeed === undefined ? 'public, max-age=1' : 'private, max-age=1'
  const headers = { etag, 'cache-control': cacheControl, 'content-type': 'application/jwt' }
  if (hasPage(request.headers['if-none-match'], etag)) return { status: 304, headers, body: '' }
  return { status: 200, headers, body: token }
}

/** Whether the follower has this page. A cache may have made the tag a weak one. Source: RFC 9110 §13.1.2. */
function hasPage(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((given) => {
    const tag = given.trim()
    return tag === '*' || tag === etag || tag === `W/${etag}`
  })
}

function createStreams({ feed, streamLimits: limits }: Pick<Services, 'feed' | 'streamLimits'>) {
  const perAddress = new Map<string, number>()
  let total = 0

  function enter(address: string): (() => void) | undefined {
    const here = perAddress.get(address) ?? 0
    if (here >= limits.perAddressMax || total >= limits.totalMax) return undefined
    perAddress.set(address, here + 1)
    total += 1
    return () => {
      total -= 1
      const left = (perAddress.get(address) ?? 1) - 1
      if (left === 0) perAddress.delete(address)
      else perAddress.set(address, left)
    }
  }

  function open(request: HttpRequest, at: FeedPosition, until: number): AnyReply {
    // The edge ends the answer to HEAD before it starts, so it is not counted.
    if (request.method === 'HEAD') return { status: 200, headers: streamHeaders, start: doNothing }
    const leave = enter(networkOf(request.address))
    if (leave === undefined) {
      return replyJson(503, { error: 'too_many_streams' }, { ...noStore, 'retry-after': '10' })
    }
    return {
      status: 200,
      headers: streamHeaders,
      start: (outlet) => writeEvents(feed, { ...at, until }, outlet, limits.waitingBytesMax, leave),
    }
  }

  return { open }
}

const doNothing = () => () => undefined

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const

/**
 * Writes events to one follower until either side closes. It cuts a follower that reads too slowly, and at a heartbeat ends
 * the stream of one whose token has ended. Both may connect again.
 */
function writeEvents(
  feed: Feed,
  { until, ...at }: FeedPosition & { readonly until: number },
  outlet: Outlet,
  waitingBytesMax: number,
  leave: () => void,
): () => void {
  let open = true
  const send = (event: SignedEvent) => {
    if (!open) return
    if (event.at !== undefined && event.at >= until) {
      close()
      outlet.end()
      return
    }
    outlet.write(`id: ${event.to}\ndata: ${event.token}\n\n`)
    if (outlet.waitingBytes() > waitingBytesMax) {
      close()
      outlet.cut()
    }
  }
  const close = () => {
    if (!open) return
    open = false
    feed.unsubscribe(send)
    leave()
  }
  if (feed.subscribe(at, send) === 'behind') {
    close()
    outlet.end()
  }
  return close
}
