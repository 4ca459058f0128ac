import { guardHere, reader, type GuardedHere } from './guarded.ts'
import type { RevocationsDeps } from './revocations.ts'

/**
 * Lets those into a closed feed who bring a token of this issuer with its audience and its scope, for as long as it lasts.
 * Refuses: what the guard refuses, as the guard answers it.
 */
export function feedAdmission(deps: GuardedHere, scope: string): RevocationsDeps['admit'] {
  const guardNow = guardHere(deps)
  const prepared = guardNow().prepare({ scope })
  return async (request) => {
    const guard = guardNow()
    const outcome = await guard.admit(reader, request, prepared)
    return outcome.ok ? { until: outcome.value.expiresAt } : guard.answer(outcome.refusal)
  }
}
