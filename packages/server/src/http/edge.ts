import type { IncomingMessage, ServerResponse } from 'node:http'
import { isStoreFault, isTransient } from '../store/port/fault.ts'
import { createAddressOf, type AddressOf } from './address.ts'
import { noBody, readBody } from './body.ts'
import type { AnyReply, Endpoint, HttpReply, HttpRequest } from './exchange.ts'
import { readHead, type HeadPolicy, type HeadRefusal, type RequestHead } from './head.ts'
import { edgeLimits, type EdgeLimits } from './limits.ts'
import { faultFacts, type Log } from './log.ts'
import { replyJson, send } from './reply.ts'
import { createRoutes, type Route } from './routes.ts'
import { createStreams } from './streams.ts'

export interface EdgeOptions {
  readonly endpoints: readonly Endpoint[]
  readonly limits?: Partial<EdgeLimits>
  /** The hosts answered for, lower case with port; any when absent. */
  readonly hosts?: ReadonlySet<string>
  /** Addresses and ranges whose forwarding header is believed. */
  readonly proxies?: readonly string[]
  readonly log: Log
  /** Hears of each answer under the path of its row; `undefined` where there was none. */
  readonly observe?: (path: string | undefined, status: number, elapsedMs: number) => void
  /** Units: milliseconds, from any fixed moment. */
  readonly clockMs: () => number
  /** Begins every request id of this process. */
  readonly idPrefix: string
}

/** The door of the service: every limit on what comes from outside stands here, once. */
export interface Edge {
  readonly handle: (incoming: IncomingMessage, response: ServerResponse) => void
  readonly limits: EdgeLimits
  /** From now on answers end their connection, and bodies that go on are ended. */
  readonly drain: () => void
}

/** One request on its way. */
interface Visit {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly requestId: string
  readonly startedAt: number
  readonly path: string | undefined
  readonly close: boolean
}

/**
 * Makes the function that `node:http` calls: limits, look-up in the table, fault barrier.
 * Why: a table of endpoints beneath any framework, because a protected route costs little more than the runtime itself.
 */
export function createEdge(options: EdgeOptions): Edge {
  const limits = { ...edgeLimits, ...options.limits }
  const findRoute = createRoutes(options.endpoints)
  const policy: HeadPolicy = { limits, hosts: options.hosts }
  const addressOf = createAddressOf(options.proxies ?? [])
  const streams = createStreams()
  const { log, observe, clockMs, idPrefix } = options
  let count = 0
  let draining = false

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    count += 1
    const requestId = idPrefix + count.toString(36)
    const startedAt = clockMs()
    const head = readHead(incoming.url ?? '', incoming.rawHeaders, policy)
    if (typeof head === 'number') {
      const visit = { incoming, response, requestId, startedAt, path: undefined, close: true }
      answer(visit, refusals[head])
      return
    }
    const route = findRoute(head.path)
    const endpoint = route?.byMethod.get(incoming.method ?? '')
    const takesBody = endpoint !== undefined && endpoint.method !== 'GET'
    const visit: Visit = {
      incoming,
      response,
      requestId,
      startedAt,
      path: route?.path,
      close: head.hasBody && !takesBody,
    }
    if (endpoint === undefined) answer(visit, notHere(route))
    else if (!takesBody || !head.hasBody) run(visit, head, endpoint, noBody)
    else receive(visit, head, endpoint)
  }

  function receive(visit: Visit, head: RequestHead, endpoint: Endpoint): void {
    readBody(visit.incoming, limits, head.contentLength, (body) => {
      if (body === 'too_large') answer({ ...visit, close: true }, bodyTooLarge)
      else run(visit, head, endpoint, body)
    })
  }

  function run(visit: Visit, head: RequestHead, endpoint: Endpoint, body: Uint8Array): void {
    try {
      const request = requestOf(visit, head, body, addressOf)
      const reply = endpoint.handle(request)
      if (reply instanceof Promise) {
        reply.then(
          (settled) => answer(visit, settled),
          (fault: unknown) => answerFault(visit, fault),
        )
      } else answer(visit, reply)
    } catch (fault) {
      answerFault(visit, fault)
    }
  }

  function answer(visit: Visit, reply: AnyReply): void {
    const { response, requestId, path, startedAt } = visit
    observe?.(path, reply.status, clockMs() - startedAt)
    if (response.destroyed || response.headersSent) return
    try {
      send(response, reply, { requestId, close: visit.close || draining })
      if ('start' in reply) streams.open(reply, response, visit.incoming.method)
    } catch (fault) {
      log.error({ requestId, path, ...faultFacts(fault) }, 'an answer could not be sent')
      response.destroy()
    }
  }

  /** The one place where a thrown fault becomes an answer; the client learns nothing but the id to ask about. */
  function answerFault(visit: Visit, fault: unknown): void {
    const { requestId, path } = visit
    log.error({ requestId, path, ...faultFacts(fault) }, 'a request met a fault')
    const passing = isStoreFault(fault) && isTransient(fault)
    const error = passing ? 'temporarily_unavailable' : 'server_error'
    const body = { error, request_id: requestId }
    answer(
      visit,
      passing
        ? replyJson(503, body, { ...noStore, 'retry-after': '1' })
        : replyJson(500, body, noStore),
    )
  }

  return {
    handle,
    limits,
    drain: () => {
      draining = true
      streams.endAll()
    },
  }
}

/**
 * What an endpoint sees.
 * Why: nothing here is lazy, because accessors on each request's own object cost more than both values do: Node has read
 * the headers already, to see that there is a Host, and keeps the address of a connection.
 */
function requestOf(
  { incoming, requestId }: Visit,
  { path, query, url }: RequestHead,
  body: Uint8Array,
  addressOf: AddressOf,
): HttpRequest {
  const { headers } = incoming
  const forwarded = headers['x-forwarded-for']
  return {
    method: incoming.method ?? '',
    path,
    query,
    url,
    headers,
    rawHeaders: incoming.rawHeaders,
    body,
    address: addressOf(
      incoming.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    ),
    requestId,
  }
}

function notHere(route: Route | undefined): HttpReply {
  if (route === undefined) return notFound
  return replyJson(405, { error: 'method_not_allowed' }, { allow: route.allow })
}

const noStore = { 'cache-control': 'no-store' } as const
const notFound = replyJson(404, { error: 'not_found' })
const bodyTooLarge = replyJson(413, { error: 'content_too_large' })
const refusals: Readonly<Record<HeadRefusal, HttpReply>> = {
  400: replyJson(400, { error: 'bad_request' }),
  414: replyJson(414, { error: 'uri_too_long' }),
  415: replyJson(415, { error: 'unsupported_media_type' }),
  421: replyJson(421, { error: 'misdirected_request' }),
  431: replyJson(431, { error: 'request_header_fields_too_large' }),
}
