import type { SignedEvent } from './recent-events.ts'

type Send = (event: SignedEvent) => void

/** All who follow, each of whom is told every event once and in order. */
export interface Followers {
  /** Begins with the next event. */
  readonly add: (send: Send) => void
  readonly remove: (send: Send) => void
  /** The first portion hears it at once, the others in the turns that follow. */
  readonly publish: (event: SignedEvent) => void
  readonly clear: () => void
}

/** Units: followers told in one turn of the event loop. */
export const portion = 64

/**
 * Makes the crowd that events are handed to in portions.
 * Why: telling one follower is a write to a socket, and a thousand of them in one turn keep every request waiting; a
 * follower whose turn comes late gets what was published meanwhile as well, so a crowd is never a queue that grows.
 */
export function createFollowers(later: (turn: () => void) => void = setImmediate): Followers {
  /** Each follower, and the number of the event that it hears next. */
  const followers = new Map<Send, number>()
  /** The events that not all have heard; the last one has the number `published - 1`. */
  let events: SignedEvent[] = []
  let published = 0
  let walking = false

  function tell(send: Send, next: number): void {
    followers.set(send, published)
    const first = published - events.length
    for (const event of events.slice(next - first)) if (followers.has(send)) send(event)
  }

  /** Walks over all; those who come while it goes on are told by `add` where they begin. */
  function walk(round: IterableIterator<[Send, number]>, heardByAll: number): void {
    for (let told = 0; told < portion; told += 1) {
      const follower = round.next()
      if (follower.done === true) return finish(heardByAll)
      tell(...follower.value)
    }
    later(() => walk(round, heardByAll))
  }

  function finish(heardByAll: number): void {
    events = events.slice(events.length - (published - heardByAll))
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
