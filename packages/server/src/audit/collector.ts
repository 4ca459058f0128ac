import { codeOf, isRefusal, type AuditContext, type AuditEvent } from './events.ts'

type Counted = Extract<AuditEvent, { readonly count: number; readonly clientId: string }>

export interface AuditCollector {
  /**
   * Takes an event that stands alone. Machine issuance is counted per client, resource and grant for a second; identical
   * refusals are one event with a count for a minute, and where very many kinds of them wait, those alike in client and
   * code are. Anything else is written with the next flush. A refusal is taken after its answer has left, because only those
   * of known clients are audited, and the time of the answer would distinguish them.
   */
  add(event: AuditEvent): void
  /** Writes what is due, or everything when the process ends. Throws: the store's faults; nothing is forgotten then. */
  flush(all?: boolean): Promise<void>
  /** Flushes everything and stops the timer. */
  close(): Promise<void>
}

export interface CollectorDeps {
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  readonly append: (events: readonly AuditEvent[]) => Promise<void>
  /** Hears of a flush that failed; the events wait for the next. */
  readonly onFault: (thrown: unknown) => void
}

const issuanceMs = 1000
const refusalMs = 60_000
const tickMs = 1000
/** Kinds of waiting events at most; beyond it the oldest is written early. */
const waitingMax = 10_000
/** The count of waiting kinds of refusals up to which each request and address has its own kind. */
const toldApartMax = 1_000

interface Waiting {
  event: AuditEvent
  readonly dueMs: number
}

/**
 * Makes the collector of events that no transaction of their own carries.
 * Why: a flood of identical refusals or machine tokens must not become a flood of rows. A process killed loses at most
 * what waits here, which are counts; each act with consequences writes its own row.
 */
export function createAuditCollector(deps: CollectorDeps): AuditCollector {
  const waiting = new Map<string, Waiting>()
  let singles = 0
  let refusals = 0
  let flushing: Promise<void> = Promise.resolve()

  let refused: { readonly event: AuditEvent; readonly at: number }[] = []

  function add(event: AuditEvent): void {
    const at = deps.monotonicMs()
    if (!isRefusal(event)) return take(event, at)
    refused.push({ event, at })
    if (refused.length === 1) setImmediate(takeRefused)
  }

  function takeRefused(): void {
    const all = refused
    refused = []
    for (const { event, at } of all) take(event, at)
  }

  function take(event: AuditEvent, now: number): void {
    if (!isCounted(event)) {
      singles += 1
      waiting.set(`single ${singles}`, { event, dueMs: now })
      return
    }
    let kind = event
    let key = keyOf(event)
    if (refusals >= toldApartMax && !waiting.has(key)) {
      kind = inGeneral(event)
      key = keyOf(kind)
    }
    const standing = waiting.get(key)
    if (standing !== undefined) {
      standing.event = sum(standing.event, kind)
      return
    }
    const dueMs = now + (event.event === 'token_issued' ? issuanceMs : refusalMs)
    waiting.set(key, { event: kind, dueMs: waiting.size < waitingMax ? dueMs : now })
    if (event.event !== 'token_issued') refusals += 1
  }

  async function write(all: boolean): Promise<void> {
    takeRefused()
    const now = deps.monotonicMs()
    const due = [...waiting].filter(([, { dueMs }]) => all || dueMs <= now)
    if (due.length === 0) return
    for (const [key, { event }] of due) {
      waiting.delete(key)
      if (isRefusal(event)) refusals -= 1
    }
    try {
      await deps.append(due.map(([, { event }]) => event))
    } catch (thrown) {
      for (const [key, entry] of due) putBack(key, entry)
      throw thrown
    }
  }

  function putBack(key: string, entry: Waiting): void {
    const standing = waiting.get(key)
    if (standing === undefined && isRefusal(entry.event)) refusals += 1
    waiting.set(
      key,
      standing === undefined ? entry : { ...entry, event: sum(entry.event, standing.event) },
    )
  }

  function flush(all = false): Promise<void> {
    const next = flushing.then(() => write(all))
    flushing = next.catch(() => {})
    return next
  }

  const timer = setInterval(() => void flush().catch(deps.onFault), tickMs).unref()
  return {
    add,
    flush,
    async close() {
      clearInterval(timer)
      await flush(true)
    },
  }
}

function isCounted(event: AuditEvent): event is Counted & AuditContext {
  return isRefusal(event) || (event.event === 'token_issued' && event.jti === null)
}

/** Events with the same key are the same thing happening again; a machine may fetch its tokens from many addresses. */
function keyOf(event: Counted & AuditContext): string {
  // Written out for the one that is on the path of every machine token.
  if (event.event === 'token_issued') {
    return `issued ${event.clientId}\n${event.audience}\n${event.grant}\n${event.actor}`
  }
  const { requestId: _, ...rest } = event
  return JSON.stringify({ ...rest, count: 0 })
}

/** A refusal without what differs from one request to the next at the will of who sends them. */
function inGeneral(event: Counted & AuditContext): Counted & AuditContext {
  return isRefusal(event) ? { ...event, reason: codeOf(event.reason), address: null } : event
}

function sum(first: AuditEvent, second: AuditEvent): AuditEvent {
  if (!isCounted(first) || !isCounted(second)) return first
  const address = first.address === second.address ? first.address : null
  return { ...first, count: first.count + second.count, address }
}
