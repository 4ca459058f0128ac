import type { Answer } from '../refusal.ts'
import type { Guard, Outcome } from '../guard/guard.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { fetchReader } from '../policy/request.ts'
import { fetchSourceReader } from './fetch-source.ts'
import { checkHandler, guardOf, type Policy, type SchemaPolicy } from './callers.ts'

/** A handler that cannot be called without a caller; what a platform adds (`env`, `params`, …) follows. */
export type FetchHandler<Claims, Rest extends readonly unknown[]> = (
  request: Request,
  caller: Admission<Claims>,
  ...rest: Rest
) => MaybePromise<Response>

/** A guard in the terms of fetch: Next route handlers, SvelteKit, Bun, Deno, workers. */
export interface FetchGuard<Claims> extends Guard<Claims> {
  /** A handler that answers refusals itself and calls the inner one with the caller. */
  readonly protect: <Rest extends readonly unknown[]>(
    requirement: Requirement<Claims>,
    handler: FetchHandler<Claims, Rest>,
  ) => (request: Request, ...rest: Rest) => MaybePromise<Response>
}

/** Guards fetch handlers. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): FetchGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): FetchGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): FetchGuard<Claims> {
  const guard = guardOf(policy)

  function protect<Rest extends readonly unknown[]>(
    requirement: Requirement<Claims>,
    handler: FetchHandler<Claims, Rest>,
  ): (request: Request, ...rest: Rest) => MaybePromise<Response> {
    checkHandler(handler)
    const prepared = guard.prepare(requirement)
    return (request, ...rest) => {
      const settle = (outcome: Outcome<Claims>): MaybePromise<Response> =>
        outcome.ok
          ? handler(request, outcome.value, ...rest)
          : toResponse(guard.answer(outcome.refusal))
      const outcome =
        rest.length === 0
          ? guard.admit(fetchReader, request, prepared)
          : guard.admit(fetchSourceReader, { raw: request, env: rest[0] }, prepared)
      return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
    }
  }

  return { ...guard, protect }
}

/** An answer as a `Response`; also for one taken from a thrown `GuardRefused`. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: { ...headers } })
}
