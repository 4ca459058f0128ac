import type { AuditContext, AuditEvent, AuditFacts } from './events.ts'

type Issued = Omit<Extract<AuditFacts, { event: 'token_issued' }>, 'event' | 'count' | 'jti'>
type Counted = Extract<AuditFacts, { event: 'client_refused' | 'token_refused' }>
export type CountedRefusal = Counted extends infer Facts
  ? Facts extends Counted
    ? Omit<Facts, 'count'>
    : never
  : never

/** Counts what happens too often for a row each. */
export interface Tally {
  /** One more token for this client and resource; only a counter moves. */
  readonly issued: (issued: Issued) => void
  /** One more refusal; those alike from one address within a minute become one event. */
  readonly refused: (refusal: CountedRefusal, context: AuditContext) => void
  /** Writes what was counted; called each second, and with `all` when the process stops. */
  readonly flush: (when: 'second' | 'all') => Promise<void>
}

/** Units: seconds; distinct refusals held at once. */
const refusalSeconds = 60
const refusalsMax = 5_000

/**
 * Makes the counters of plain issuance and of refusals.
 * Why: issuing a token to a machine writes nothing else, and a row per token would be its only cost on the disk; a
 * stranger who is refused a thousand times a second must not fill the log.
 * Not checked: what was counted in the last second is lost with `kill -9`, as stated for plain issuance.
 */
export function createTally(deps: {
  readonly append: (events: readonly AuditEvent[]) => Promise<void>
  readonly now: () => number
}): Tally {
  const issued = new Map<string, { readonly facts: Issued; count: number }>()
  const refused = new Map<string, { readonly event: AuditEvent; count: number; until: number }>()
  let writing: Promise<void> = Promise.resolve()

  async function write(events: readonly AuditEvent[]): Promise<void> {
    if (events.length === 0) return
    try {
      await deps.append(events)
    } catch (fault) {
      // Nothing counted is lost while the database is away; the next second tries again.
      for (const event of events) putBack(event)
      throw fault
    }
  }

  function putBack(event: AuditEvent): void {
    if (event.event === 'token_issued') count(event, event.count)
    else if ('count' in event && event.event !== 'keys_resealed') {
      hold(event, event.count, event)
    }
  }

  function count({ clientId, audience, grant }: Issued, times: number): void {
    const name = `${clientId}\n${audience}\n${grant}`
    const known = issued.get(name)
    if (known === undefined)
      issued.set(name, { facts: { clientId, audience, grant }, count: times })
    else known.count += times
  }

  function hold(refusal: CountedRefusal, times: number, context: AuditContext): void {
    const grant = refusal.event === 'token_refused' ? refusal.grant : ''
    const { clientId, reason } = refusal
    const name = [refusal.event, clientId, grant, reason, context.address].join('\n')
    const known = refused.get(name)
    if (known !== undefined) {
      known.count += times
      return
    }
    const { requestId, address, actor } = context
    const event: AuditEvent = { ...refusal, count: 1, requestId, address, actor }
    refused.set(name, { event, count: times, until: deps.now() + refusalSeconds })
  }

  function take(when: 'second' | 'all'): AuditEvent[] {
    const events: AuditEvent[] = []
    for (const { facts, count } of issued.values()) {
      events.push({ event: 'token_issued', ...facts, count, jti: null, ...nobody })
    }
    issued.clear()
    const everything = when === 'all' || refused.size > refusalsMax
    for (const [name, held] of refused) {
      if (!everything && deps.now() < held.until) continue
      refused.delete(name)
      if ('count' in held.event) events.push({ ...held.event, count: held.count })
    }
    return events
  }

  return {
    issued: (facts) => count(facts, 1),
    refused: (refusal, context) => hold(refusal, 1, context),
    flush: (when) => {
      const next = writing.catch(() => undefined).then(() => write(take(when)))
      writing = next
      return next
    },
  }
}

const nobody: AuditContext = { requestId: 'counted', address: null, actor: 'system' }
