import type { Answer } from '../refusal.ts'
import type { Guard, Outcome } from '../guard/guard.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { fetchReader } from '../policy/request.ts'
import { fetchSourceReader } from './fetch-source.ts'
import { checkHandler, toGuard, type Policy, type SchemaPolicy } from './callers.ts'

/** A handler that needs a caller. The values that a platform adds (`env`, `params`, …) follow. */
export type FetchHandler<Claims, Rest extends readonly unknown[]> = (
  request: Request,
  caller: Admission<Claims>,
  ...rest: Rest
) => MaybePromise<Response>

/** A guard with the methods of fetch: Next route handlers, SvelteKit, Bun, Deno, workers. */
export interface FetchGuard<Claims> extends Guard<Claims> {
  /**
   * Returns a handler that answers refusals and calls the inner handler with the caller.
   * @example export const GET = guard.protect({ scope: 'read' }, (request, caller) => new Response(caller.subject))
   */
  readonly protect: <Rest extends readonly unknown[]>(
    requirement: Requirement<Claims>,
    handler: FetchHandler<Claims, Rest>,
  ) => (request: Request, ...rest: Rest) => MaybePromise<Response>
}

/**
 * Guards fetch handlers. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): FetchGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): FetchGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): FetchGuard<Claims> {
  const guard = toGuard(policy)

  function protect<Rest extends readonly unknown[]>(
    requirement: Requirement<Claims>,
    handler: FetchHandler<Claims, Rest>,
  ): (request: Request, ...rest: Rest) => MaybePromise<Response> {
    checkHandler(handler)
    const prepared = guard.prepare(requirement)
    return (request, ...rest) => {
      const respond = (outcome: Outcome<Claims>): MaybePromise<Response> =>
        outcome.ok
          ? handler(request, outcome.value, ...rest)
          : toResponse(guard.answer(outcome.refusal))
      const outcome =
        rest.length === 0
          ? guard.admit(fetchReader, request, prepared)
          : guard.admit(fetchSourceReader, { raw: request, env: rest[0] }, prepared)
      return outcome instanceof Promise ? outcome.then(respond) : respond(outcome)
    }
  }

  return { ...guard, protect }
}

/** Makes a `Response` of an answer. A thrown `GuardRefused` is an answer too. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: { ...headers } })
}
