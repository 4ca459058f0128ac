import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Bound } from './bound.ts'
import type { Edge } from './edge.ts'
import { createNodeDoor } from './node-door.ts'

/**
 * Listens through `node:http`.
 * Why: an import statement would read every export of the module, and that loads the runtime's `fetch`, HTTP/2 and
 * TLS: 11 MB that a service at rest does not need.
 */
export async function listenOnNode(edge: Edge, host: string, port: number): Promise<Bound> {
  const { limits } = edge
  const server = process.getBuiltinModule('node:http').createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
      noDelay: true,
    },
    createNodeDoor(edge),
  )
  // Node would drop what exceeds its own count in silence; the edge counts and answers instead.
  server.maxHeadersCount = 0
  server.timeout = limits.stalledTimeoutMs
  server.on('clientError', refuseMalformed)
  return {
    port: await bind(server, host, port),
    // Also closes connections that idle, which would otherwise hold the server for as long as they like.
    close: () => new Promise((resolve) => server.close(() => resolve())),
    cut: () => server.closeAllConnections(),
  }
}

/**
 * Answers what is no HTTP, and closes.
 * Why: as Node does by itself, but for chunk extensions, which are malformed and not a large body.
 */
function refuseMalformed(fault: NodeJS.ErrnoException, socket: Duplex): void {
  const response: ServerResponse | null | undefined = Reflect.get(socket, '_httpMessage')
  const isUnderWay = response?.headersSent === true
  if (socket.writable && !isUnderWay) {
    socket.write(`HTTP/1.1 ${statusOf(fault.code)}\r\nConnection: close\r\n\r\n`)
  }
  socket.end(() => socket.destroy())
}

function statusOf(code: string | undefined): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return '431 Request Header Fields Too Large'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return '408 Request Timeout'
    default:
      return '400 Bad Request'
  }
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
