import type { Outlet, StreamReply } from './exchange.ts'

/** The bodies that are going on. */
export interface Streams {
  /** Starts a stream; gives the function to call when either side has closed it. */
  readonly open: (reply: StreamReply, outlet: Outlet) => () => void
  readonly endAll: () => void
}

/** Keeps account of bodies that go on, so that none outlives the service or its receiver. */
export function createStreams(): Streams {
  const running = new Set<Outlet>()
  return {
    open(reply, outlet) {
      running.add(outlet)
      const stop = reply.start(outlet)
      return () => {
        if (running.delete(outlet)) stop()
      }
    },
    endAll() {
      for (const outlet of running) outlet.end()
    },
  }
}
