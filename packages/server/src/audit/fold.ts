import { codeOf, isRefusal, type AuditEvent } from './events.ts'

/** How often each thing happened since this process started: metrics are a fold over the events. */
export interface EventCounts {
  readonly add: (events: readonly AuditEvent[]) => void
  readonly list: () => readonly EventCount[]
}

export interface EventCount {
  readonly event: string
  /** Of refusals: the code alone. Empty for everything else, so that the set of labels stays small and known. */
  readonly reason: string
  readonly count: number
}

/** Makes the fold, which begins with the counts of `known`. Why: no client, user or address is a label; who wants those asks the audit log. */
export function createEventCounts(known: readonly EventCount[] = []): EventCounts {
  const counts = new Map(known.map((one) => [nameOf(one), { ...one }]))
  return {
    add(events) {
      for (const event of events) {
        const reason = isRefusal(event) ? codeOf(event.reason) : ''
        const name = nameOf({ event: event.event, reason })
        const counted = counts.get(name)
        const times = 'count' in event ? event.count : 1
        if (counted === undefined) counts.set(name, { event: event.event, reason, count: times })
        else counted.count += times
      }
    },
    list: () => [...counts.values()],
  }
}

function nameOf({ event, reason }: Pick<EventCount, 'event' | 'reason'>): string {
  return `${event}\n${reason}`
}
