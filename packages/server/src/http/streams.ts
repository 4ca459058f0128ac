import type { Outlet, StreamReply } from './exchange.ts'

/** The bodies that are going on. */
export interface Streams {
  /** Starts one; gives what is to be called when it has closed, whoever closed it. */
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
