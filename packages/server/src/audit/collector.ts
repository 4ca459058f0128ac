import type { EpochSeconds } from '@countersign/jwt'
import { codeOf, isRefusal, type AuditContext, type AuditEvent } from './events.ts'

type Counted = Extract<AuditEvent, { readonly count: number; readonly clientId: string }>

export interface AuditCollector {
  /**
   * Takes an event that stands alone. Machine issuance is counted per client, resource and grant for a second; identical
   * refusals are written once within a second, and then once a minute with a count. Where very many kinds of them come
   * within a minute, those alike in client and code are one kind. Anything else is written with the next flush. A refusal is taken after its answer has left, because only those
   * of known clients are audited, and the time of the answer would distinguish them.
   */
  add(event: AuditEvent): void
  /** Writes what is due, or everything when the process ends. Throws: the store's faults; nothing is forgotten then. */
  flush(all?: boolean): Promise<void>
  /** Flushes everything and stops the timer. */
  close(): Promise<void>
}

export interface CollectorDeps {
  /** The wall clock, for the moment of a refusal. */
  readonly now: () => EpochSeconds
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
/** The count of kinds of refusals within a minute up to which each request and address has its own kind. */
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
  /** When the next event of a kind of refusals may be written. A kind without events is forgotten after that. */
  const mutedUntil = new Map<string, number>()
  let flushing: Promise<void> = Promise.resolve()

  let refused: { readonly event: Counted & AuditContext; readonly at: number }[] = []

  function add(event: AuditEvent): void {
    const at = deps.monotonicMs()
    if (!isRefusal(event)) return take(event, at)
    refused.push({ event: { ...event, firstAt: deps.now() }, at })
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
    if (mutedUntil.size >= toldApartMax && isRefusal(event) && !mutedUntil.has(key)) {
      kind = inGeneral(event)
      key = keyOf(kind)
    }
    const standing = waiting.get(key)
    if (standing !== undefined) {
      standing.event = sum(standing.event, kind)
      return
    }
    const dueMs = isRefusal(event) ? (mutedUntil.get(key) ?? now) : now + issuanceMs
    waiting.set(key, { event: kind, dueMs: waiting.size < waitingMax ? dueMs : now })
    if (isRefusal(event) && !mutedUntil.has(key)) mutedUntil.set(key, now)
  }

  async function write(all: boolean): Promise<void> {
    takeRefused()
    const now = deps.monotonicMs()
    const due = [...waiting].filter(([, { dueMs }]) => all || dueMs <= now)
    for (const [key, until] of mutedUntil)
      if (until <= now && !waiting.has(key)) mutedUntil.delete(key)
    if (due.length === 0) return
    for (const [key] of due) {
      waiting.delete(key)
      if (mutedUntil.has(key)) mutedUntil.set(key, now + refusalMs)
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
  return JSON.stringify({ ...event, requestId: '', firstAt: 0, count: 0 })
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
