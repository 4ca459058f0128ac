import { gatherBody } from './body.ts'
import { createBunRequests, pathOf, targetOf } from './bun-request.ts'
import { answerStream, bunHeaders, deliver, later, receive, type Reception } from './bun-answer.ts'
import type { BunHandler } from './bun-server.ts'
import type { Door, Visit } from './door.ts'
import type { Edge } from './edge.ts'
import type { AnyReply, HttpReply } from './exchange.ts'
import { createJoinedHeadReader, type Framing } from './head.ts'
import { headersOf, replyJson } from './reply.ts'

/**
 * Makes what Bun's server calls: a handler for each row of the table, one for everything else, one for its own faults.
 * Why: Bun compares paths as they were sent, before it normalises the URL that we can read; so the row that it found is
 * believed, and a path that only looks like one of ours once it is normalised is not found.
 */
export function createBunDoor(edge: Edge): {
  readonly routes: Readonly<Record<string, BunHandler>>
  readonly fallback: BunHandler
  readonly error: () => Response
} {
  const { limits } = edge
  const readHead = createJoinedHeadReader(edge.policy)
  const enter = edge.open(bunDoor(edge))
  const routes: Record<string, BunHandler> = {}
  for (const route of edge.routes.all) {
    const folder = route.path.endsWith('/*') ? route.path.slice(0, -1) : undefined
    const exactPath = folder === undefined ? route.path : undefined
    const handler: BunHandler = (request, server) => {
      const reception = receive(request, server, exactPath)
      const isHere = exactPath !== undefined || edge.routes.find(pathOf(request.url)) === route
      enter(reception, request.method, readHead(request.headers), isHere ? route : undefined)
      return reception.answer ?? later(reception)
    }
    if (folder === undefined) routes[route.path] = handler
    else {
      routes[`${folder}:segment`] = handler
      // An empty last segment is one as well, which Bun's own pattern leaves out.
      routes[folder] ??= handler
    }
  }
  const fallback: BunHandler = (request, server) => {
    const reception = receive(request, server, undefined)
    const isLong = targetOf(request.url).length > limits.urlLengthMax
    const head = isLong ? 414 : readHead(request.headers)
    enter(reception, request.method, head, undefined)
    return reception.answer ?? later(reception)
  }
  const fault = replyJson(500, { error: 'server_error' })
  const init = {
    status: fault.status,
    headers: bunHeaders({ ...fault.headers, connection: 'close' }),
  }
  return { routes, fallback, error: () => new Response(bodyOf(fault), init) }
}

function bunDoor(edge: Edge): Door<Reception, Framing> {
  const { limits, idOf } = edge
  const requestOf = createBunRequests(edge)
  const idleSeconds = Math.ceil(limits.keepAliveTimeoutMs / 1000)
  const prepared = new WeakMap<HttpReply, Response>()
  const initOf = (visit: Visit<Reception>, reply: AnyReply, close: boolean) => ({
    status: reply.status,
    headers: bunHeaders(headersOf(reply, visit, idOf, close)),
  })

  return {
    request: ({ raw, method, sequence }, _, body) => requestOf(raw, { method, body, sequence }),
    readBody(raw, contentLength, done) {
      const gathered = gatherBody(limits, contentLength, done)
      if (gathered === undefined) return
      const reader = raw.request.body?.getReader()
      const slow = setTimeout(() => gathered.giveUp('too_slow'), limits.requestTimeoutMs)
      const read = async (): Promise<void> => {
        for (;;) {
          const piece = await reader?.read()
          if (piece?.value === undefined) return gathered.end()
          if (!gathered.add(piece.value)) return reader?.cancel()
        }
      }
      read()
        .catch(() => {
          // Nobody is left to be answered; Bun still waits for something to throw away.
          gathered.giveUp()
          deliver(raw, new Response(null), idleSeconds)
        })
        .finally(() => clearTimeout(slow))
    },
    reply(visit, reply, close) {
      const { raw, method } = visit
      if (reply.isKept === true && reply.status < 400 && !close && method !== 'HEAD') {
        let response = prepared.get(reply)
        if (response === undefined) {
          response = new Response(bodyOf(reply), initOf(visit, reply, false))
          prepared.set(reply, response)
        }
        deliver(raw, response.clone(), idleSeconds)
        return
      }
      const init = initOf(visit, reply, close)
      // Bun leaves the date out of an answer to HEAD.
      if (method === 'HEAD') init.headers.set('date', new Date().toUTCString())
      deliver(raw, new Response(bodyOf(reply), init), idleSeconds)
    },
    stream(visit, reply, close, streams) {
      const { raw, method } = visit
      const init = initOf(visit, reply, close)
      if (method === 'HEAD') {
        deliver(raw, new Response(null, init), idleSeconds)
        return
      }
      const body = answerStream(reply, streams, () => raw.server.timeout(raw.request, idleSeconds))
      deliver(raw, new Response(body, init), 0)
    },
    // Bun has no way to end a connection without a word.
    cut: (raw) => deliver(raw, new Response(null, nothingToSay), idleSeconds),
  }
}

const nothingToSay = { status: 500, headers: { connection: 'close' } } as const

function bodyOf({ status, body }: HttpReply): string | Uint8Array<ArrayBuffer> | null {
  if (status === 204 || status === 304) return null
  return typeof body === 'string' ? body : new Uint8Array(body)
}
