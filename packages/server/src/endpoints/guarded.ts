import { nodeReader, type Admission, type Guard, type Requirement } from '@countersign/guard'
import type { Endpoint, HttpReply, HttpRequest } from '../http/exchange.ts'

/** A handler that cannot be called without a verified caller; the compiler knows. */
export type GuardedHandler<Claims> = (
  caller: Admission<Claims>,
  request: HttpRequest,
) => HttpReply | Promise<HttpReply>

/** Puts a guard in front of a handler; a refusal is answered as the guard says. */
export function guarded<Claims>(
  guard: Guard<Claims>,
  requirement: Requirement<Claims>,
  handler: GuardedHandler<Claims>,
): Endpoint['handle'] {
  const prepared = guard.prepare(requirement)
  return (request) => {
    const outcome = guard.admit(nodeReader, request, prepared)
    if (outcome instanceof Promise) {
      return outcome.then((settled) =>
        settled.ok ? handler(settled.value, request) : guard.answer(settled.refusal),
      )
    }
    return outcome.ok ? handler(outcome.value, request) : guard.answer(outcome.refusal)
  }
}
