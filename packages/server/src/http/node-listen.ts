import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Edge } from './edge.ts'
import type { Bound } from './listen.ts'
import { createNodeDoor } from './node-door.ts'

/** Listens through `node:http`. */
export async function listenOnNode(edge: Edge, host: string, port: number): Promise<Bound> {
  const { limits } = edge
  const server = createServer(
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
  return {
    port: await bind(server, host, port),
    // Also closes connections that idle, which would otherwise hold the server for as long as they like.
    close: () => new Promise((resolve) => server.close(() => resolve())),
    cut: () => server.closeAllConnections(),
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
