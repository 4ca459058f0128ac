import { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { gatherBody } from './body.ts'
import type { Door } from './door.ts'
import type { Edge } from './edge.ts'
import { countFraming } from './framing.ts'
import { readHead, type RequestHead } from './head.ts'
import { headersOf } from './reply.ts'

/**
 * Makes the function that `node:http` calls.
 * Refuses: a connection that sends more requests ahead of their answers than `aheadMax`, by ending it.
 */
export function createNodeDoor(
  edge: Edge,
): (incoming: IncomingMessage, response: ServerResponse) => void {
  const { policy, routes, limits } = edge
  const enter = edge.open(nodeDoor(edge))
  const takeAhead = createAhead(limits.aheadMax)
  return (incoming, response) => {
    // Node gives a response its connection once all before it have been sent.
    if (response.socket === null && !takeAhead(incoming, response)) return
    const head = readHead(incoming.url ?? '', incoming.rawHeaders, policy)
    const route = typeof head === 'number' ? undefined : routes.find(head.path)
    enter(response, incoming.method ?? '', head, route)
  }
}

function nodeDoor({ limits, addressOf, idOf }: Edge): Door<ServerResponse, RequestHead> {
  return {
    // Nothing here is lazy, because accessors on each request's own object cost more than the values do: Node has read
    // the headers already, to see that there is a Host, and keeps the address of a connection.
    request({ raw: { req: incoming }, method, sequence }, { path, query, url }, body) {
      const { headers } = incoming
      const forwarded = headers['x-forwarded-for']
      return {
        method,
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
        requestId: idOf(sequence),
      }
    },
    readBody({ req: incoming }, contentLength, done) {
      const gathered = gatherBody(limits, contentLength, done)
      if (gathered === undefined) return
      const isChunked = contentLength === 0
      const body = isChunked ? countFraming(incoming.socket, limits, gathered) : gathered
      incoming.on('data', body.add)
      incoming.on('end', body.end)
      // Nobody is left to be answered.
      incoming.on('error', () => gathered.giveUp())
    },
    reply(visit, reply, close) {
      const { raw: response } = visit
      if (isAnswered(response)) return
      const { status, body } = reply
      const headers = headersOf(reply, visit, idOf, close)
      if (status === 304 || status === 204) {
        // A 304 would state the length of the body it stands for, and a 204 has none (RFC 9110 §8.6).
        response.writeHead(status, headers)
        response.end()
        return
      }
      if (typeof body !== 'string') {
        headers['content-length'] = String(body.length)
        response.writeHead(status, headers)
        response.end(body)
        return
      }
      const bytes = Buffer.byteLength(body)
      headers['content-length'] = String(bytes)
      response.writeHead(status, headers)
      // A text with as many bytes as letters is ASCII. Node writes it faster under the encoding
      // `latin1`.
      response.end(body, bytes === body.length ? 'latin1' : 'utf8')
    },
    stream(visit, reply, close, streams) {
      const { raw: response, method } = visit
      if (isAnswered(response)) return
      response.writeHead(reply.status, headersOf(reply, visit, idOf, close))
      if (method === 'HEAD') {
        response.end()
        return
      }
      const closed = streams.open(reply, {
        write: (chunk) => response.write(chunk),
        waitingBytes: () => response.writableLength,
        end: () => void response.end(),
        cut: () => void response.destroy(),
      })
      response.on('close', closed)
    },
    cut: (response) => void response.destroy(),
  }
}

/**
 * Counts for each connection the requests that wait behind others.
 * Why: Node reads on until answers pile up; while handlers wait for something, a single connection could begin any
 * number of them.
 */
function createAhead(
  aheadMax: number,
): (incoming: IncomingMessage, response: ServerResponse) => boolean {
  const ahead = new WeakMap<Socket, number>()
  return ({ socket }, response) => {
    const count = (ahead.get(socket) ?? 0) + 1
    if (count > aheadMax) {
      socket.destroy()
      return false
    }
    ahead.set(socket, count)
    response.once('close', () => ahead.set(socket, (ahead.get(socket) ?? 1) - 1))
    return true
  }
}

function isAnswered(response: ServerResponse): boolean {
  return response.destroyed || response.headersSent
}
