/** A signed message with all entries in (`after`, `to`]. */
export interface SignedEvent {
  readonly after: number
  readonly to: number
  readonly token: string
  /** For heartbeats: the second of the signature. */
  readonly at?: number
}

/** Units: events. A follower that missed more reads pages. */
const eventsKept = 256

/** Keeps the newest events, so that a follower that was away for a moment need not read pages. */
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
    /** Gives the events from `after` to `head`; `undefined` when they do not reach back so far. */
    since: (after: number, head: number): readonly SignedEvent[] | undefined => {
      if (after === head) return []
      if (after > head) return undefined
      const first = events.findIndex((event) => event.after <= after && event.to > after)
      return first === -1 ? undefined : events.slice(first)
    },
  }
}
