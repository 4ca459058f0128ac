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

/** Makes the fold. Why: no client, user or address is a label; who wants those asks the audit log. */
export function createEventCounts(): EventCounts {
  const counts = new Map<
    string,
    { readonly event: string; readonly reason: string; count: number }
  >()
  return {
    add(events) {
      for (const event of events) {
        const reason = isRefusal(event) ? codeOf(event.reason) : ''
        const name = `${event.event}\n${reason}`
        const known = counts.get(name)
        const times = 'count' in event ? event.count : 1
        if (known === undefined) counts.set(name, { event: event.event, reason, count: times })
        else known.count += times
      }
    },
    list: () => [...counts.values()],
  }
}
