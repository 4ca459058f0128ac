import type { EpochSeconds } from '@countersign/jwt'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { guardHere, reader, type GuardedHere } from './guarded.ts'

/** Decides who may follow the revocations; a reply turns the request away. */
export type AdmitToFeed = (request: HttpRequest) => Admittance | Promise<Admittance>

/** Units: epoch seconds. A token gives access until it ends. */
export type Admittance = HttpReply | { readonly until: EpochSeconds }

/**
 * Lets those into a closed feed who bring a token of this issuer with its audience and its scope, for as long as it lasts.
 * Refuses: what the guard refuses, as the guard answers it.
 */
export function feedAdmission(deps: GuardedHere, scope: string): AdmitToFeed {
  const guardNow = guardHere(deps)
  const prepared = guardNow().prepare({ scope })
  return async (request) => {
    const guard = guardNow()
    const outcome = await guard.admit(reader, request, prepared)
    return outcome.ok ? { until: outcome.value.expiresAt } : guard.answer(outcome.refusal)
  }
}
