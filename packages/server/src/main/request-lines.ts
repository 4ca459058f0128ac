import type { AuditCollector } from '../audit/collector.ts'
import type { AuditEvent } from '../audit/events.ts'
import type { NoteRefusal } from '../endpoints/client-authentication.ts'
import type { Answered } from '../http/edge.ts'
import type { AnyReply } from '../http/exchange.ts'
import type { Log } from '../http/log.ts'
import type { NoteRequest, RequestFacts } from '../http/request-facts.ts'

/** The debug line of each request: status, route, duration, client and reason. */
export interface RequestLines {
  /** Adds facts that only the endpoint knows. Later facts replace earlier ones. */
  readonly note: NoteRequest
  readonly onAnswer: (answered: Answered) => void
}

/** Facts of requests that are never answered, because their sender left, are dropped from this count on. */
const waitingMax = 10_000

/** Makes the debug lines of requests. A query, a header or a body is never in them. */
export function createRequestLines(log: Pick<Log, 'debug'>): RequestLines {
  const waiting = new Map<string, RequestFacts>()
  return {
    note(requestId, facts) {
      waiting.set(requestId, { ...waiting.get(requestId), ...facts })
      if (waiting.size <= waitingMax) return
      for (const oldest of waiting.keys()) {
        waiting.delete(oldest)
        return
      }
    },
    onAnswer({ requestId, method, path, elapsedMs, reply }) {
      const { client, reason = errorIn(reply) } = waiting.get(requestId) ?? {}
      waiting.delete(requestId)
      const ms = Math.round(elapsedMs * 10) / 10
      const { status } = reply
      log.debug({ method, route: path ?? 'none', status, ms, client, reason, requestId }, 'request')
    },
  }
}

/** The error code in a refusal of ours, for requests without a noted reason. */
function errorIn(reply: AnyReply): string | undefined {
  if (reply.status < 400 || !('body' in reply) || typeof reply.body !== 'string') return undefined
  if (reply.headers['content-type'] !== 'application/json') return undefined
  const { error }: { error?: unknown } = JSON.parse(reply.body)
  return typeof error === 'string' ? error : undefined
}

/** Notes client and reason of each event that an endpoint hands to the collector. */
export function noteEvents(collector: AuditCollector, { note }: RequestLines): AuditCollector {
  return {
    ...collector,
    add(event) {
      note(event.requestId, factsOf(event))
      collector.add(event)
    },
  }
}

function factsOf(event: AuditEvent): RequestFacts {
  return {
    ...('clientId' in event ? { client: event.clientId } : {}),
    ...('reason' in event ? { reason: event.reason } : {}),
  }
}

/** Notes the refusal of each client. The name of an unknown client is not noted, because it may be a secret. */
export function noteRefusedClients(next: NoteRefusal, { note }: RequestLines): NoteRefusal {
  return (refused, request) => {
    const { refusal, clientId, known } = refused
    note(request.requestId, { reason: refusal.reason, ...(known ? { client: clientId } : {}) })
    next(refused, request)
  }
}
