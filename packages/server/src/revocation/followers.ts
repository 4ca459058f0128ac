import type { SignedEvent } from './recent-events.ts'

type Send = (event: SignedEvent) => void

/** The followers of the feed. Each receives every event once and in order. */
export interface Followers {
  /** Adds a follower, which receives the next event first. */
  readonly add: (send: Send) => void
  readonly remove: (send: Send) => void
  /** Sends an event to the first portion of followers now, and to the others in later turns of the event loop. */
  readonly publish: (event: SignedEvent) => void
  readonly clear: () => void
}

/** Units: followers that are served in one turn of the event loop. */
export const portion = 64

/**
 * Makes the set of followers, which serves them in portions.
 * Why: each follower costs a write to a socket, and a thousand writes in one turn delay every request. A follower that is
 * served late also receives the events published meanwhile, so the work per event does not grow.
 */
export function createFollowers(later: (turn: () => void) => void = setImmediate): Followers {
  /** Each follower, and the number of its next event. */
  const followers = new Map<Send, number>()
  /** The events that some followers have yet to receive; the last one has the number `published - 1`. */
  let events: SignedEvent[] = []
  let published = 0
  let walking = false

  function sendMissing(send: Send, next: number): void {
    followers.set(send, published)
    const first = published - events.length
    for (const event of events.slice(next - first)) if (followers.has(send)) send(event)
  }

  /** Serves the next portion. A follower that is added meanwhile needs only later events. */
  function walk(round: IterableIterator<[Send, number]>, sentToAll: number): void {
    for (let served = 0; served < portion; served += 1) {
      const follower = round.next()
      if (follower.done === true) return finish(sentToAll)
      sendMissing(...follower.value)
    }
    later(() => walk(round, sentToAll))
  }

  function finish(sentToAll: number): void {
    events = events.slice(events.length - (published - sentToAll))
    walking = events.length > 0
    if (walking) later(() => walk(followers.entries(), published))
  }

  return {
    add: (send) => void followers.set(send, published),
    remove: (send) => void followers.delete(send),
    publish(event) {
      events.push(event)
      published += 1
      if (walking) return
      walking = true
      walk(followers.entries(), published)
    },
    clear: () => followers.clear(),
  }
}
