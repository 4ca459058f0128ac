import { createBunDoor } from './bun-door.ts'
import { serveOnBun, type BunServer } from './bun-server.ts'
import type { Bound } from './bound.ts'
import type { Edge } from './edge.ts'

/**
 * Listens through Bun's own server.
 * Why: `node:http` on Bun alone costs more than the whole of a protected request here (docs/runtimes.md).
 * Not checked: chunk extensions and tiny chunks, which Bun does not show; the length of headers and slow senders of them, which Bun bounds itself (16 KiB, 431; about 12 s).
 */
export async function listenOnBun(edge: Edge, host: string, port: number): Promise<Bound> {
  const server = open(edge, host, port)
  return {
    port: server.port,
    close: () => {
      const closed = server.stop()
      server.closeIdleConnections()
      return closed
    },
    cut: () => void server.stop(true),
  }
}

function open(edge: Edge, host: string, port: number): BunServer {
  const { routes, fallback, error } = createBunDoor(edge)
  try {
    return serveOnBun({
      hostname: host,
      port,
      reusePort: false,
      development: false,
      idleTimeout: Math.ceil(edge.limits.keepAliveTimeoutMs / 1000),
      // The edge counts what it reads and answers in its own words.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      routes,
      fetch: fallback,
      error,
    })
  } catch (fault) {
    // As Node says it, for the sentence that the operator reads.
    throw fault instanceof Error ? Object.assign(fault, { address: host, port }) : fault
  }
}
