import type { ServerResponse } from 'node:http'
import type { Outlet, StreamReply } from './exchange.ts'

/** The bodies that are going on. */
export interface Streams {
  readonly open: (reply: StreamReply, response: ServerResponse, method: string | undefined) => void
  readonly endAll: () => void
}

/** Keeps account of bodies that go on, so that none outlives the service or its receiver. */
export function createStreams(): Streams {
  const running = new Set<ServerResponse>()
  return {
    open(reply, response, method) {
      if (method === 'HEAD') {
        response.end()
        return
      }
      running.add(response)
      const outlet: Outlet = {
        write: (chunk) => response.write(chunk),
        waitingBytes: () => response.writableLength,
        end: () => void response.end(),
        cut: () => void response.destroy(),
      }
      const stop = reply.start(outlet)
      response.on('close', () => {
        running.delete(response)
        stop()
      })
    },
    endAll() {
      for (const response of running) response.end()
    },
  }
}
