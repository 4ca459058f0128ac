import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Edge } from './edge.ts'

/** A service that is being reached. */
export interface Listening {
  readonly port: number
  /** Stops accepting, lets running requests finish, and resolves when all connections are gone. */
  readonly stop: () => Promise<void>
}

/**
 * Listens on each of the hosts under one port; port 0 picks one that is free on the first.
 * Throws: the error of the socket (`EADDRINUSE`, `EACCES`), with nothing left open.
 * Why: a host in `optional` that the machine does not have (no IPv6, say) is left out.
 */
export async function listen(
  edge: Edge,
  {
    hosts,
    optional = [],
    port,
  }: { hosts: readonly string[]; optional?: readonly string[]; port: number },
): Promise<Listening> {
  const servers: Server[] = []
  let taken = port
  try {
    for (const host of [...hosts, ...optional]) {
      const server = serverOf(edge)
      try {
        taken = await bind(server, host, taken)
        servers.push(server)
      } catch (fault) {
        if (!optional.includes(host) || !isAbsent(fault)) throw fault
      }
    }
  } catch (fault) {
    await Promise.all(servers.map(close))
    throw fault
  }
  return { port: taken, stop: () => stop(edge, servers) }
}

function serverOf(edge: Edge): Server {
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
    edge.handle,
  )
  // Node would drop what exceeds its own count in silence; the edge counts and answers instead.
  server.maxHeadersCount = 0
  server.timeout = limits.stalledTimeoutMs
  return server
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

function isAbsent(fault: unknown): boolean {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

async function stop(edge: Edge, servers: readonly Server[]): Promise<void> {
  edge.drain()
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, edge.limits.stopTimeoutMs)
  await Promise.all(servers.map(close))
  clearTimeout(cut)
}

/** Also closes connections that idle, which would otherwise hold the server for as long as they like. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
