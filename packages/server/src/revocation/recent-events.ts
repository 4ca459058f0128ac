/** A signed message: it says all about sequences in (`after`, `to`]. */
export interface SignedEvent {
  readonly after: number
  readonly to: number
  readonly token: string
  /** The second of its signature, for heartbeats. */
  readonly at?: number
}

/** Units: events. Who missed more reads pages. */
const eventsKept = 256

/** Remembers the newest events so that a follower who was away for a moment need not read pages. */
export function createRecentEvents() {
  let events: SignedEvent[] = []
  return {
    add: (event: SignedEvent): void => {
      events.push(event)
      if (events.length > eventsKept) events = events.slice(-eventsKept / 2)
    },
    clear: (): void => {
      events = []
    },
    /** The events that lead from `after` to `head`; `undefined` when they do not reach back so far. */
    since: (after: number, head: number): readonly SignedEvent[] | undefined => {
      if (after === head) return []
      if (after > head) return undefined
      const first = events.findIndex((event) => event.after <= after && event.to > after)
      return first === -1 ? undefined : events.slice(first)
    },
  }
}
