import type { EpochSeconds } from '@countersign/jwt'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { factsOf, guardHere, reader, type GuardedHere } from './guarded.ts'
import type { NoteRequest } from '../http/request-facts.ts'

/** Decides whether a request may follow the revocations; a reply refuses it. */
export type AdmitToFeed = (request: HttpRequest) => Admittance | Promise<Admittance>

/** Units: epoch seconds. A token gives access until it ends. */
export type Admittance = HttpReply | { readonly until: EpochSeconds }

/**
 * Admits requests to a closed feed that have a token of this issuer with its audience and scope, until the token ends.
 * Refuses: every refusal of the guard, with the answer of the guard.
 */
export function feedAdmission(
  deps: GuardedHere,
  scope: string,
  noteRequest?: NoteRequest,
): AdmitToFeed {
  const guardNow = guardHere(deps)
  const prepared = guardNow().prepare({ scope })
  return async (request) => {
    const guard = guardNow()
    const outcome = await guard.admit(reader, request, prepared)
    noteRequest?.(request.requestId, factsOf(outcome))
    return outcome.ok ? { until: outcome.value.expiresAt } : guard.answer(outcome.refusal)
  }
}
