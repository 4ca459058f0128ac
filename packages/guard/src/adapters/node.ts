import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../refusal.ts'
import type { Guard, Outcome } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { nodeReader } from '../policy/request.ts'
import { checkHandler, guardOf, type Policy } from './callers.ts'

/** A handler that cannot be called without a caller. */
export type NodeHandler<Claims> = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Admission<Claims>,
) => void | Promise<void>

/** A guard in the terms of node:http. */
export interface NodeGuard<Claims> extends Guard<Claims> {
  /** A listener that answers refusals itself and calls the handler with the caller. */
  readonly protect: (
    requirement: Requirement<Claims>,
    handler: NodeHandler<Claims>,
  ) => (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
}

/** Guards listeners of node:http. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims = VerifiedClaims>(policy: Policy<Claims>): NodeGuard<Claims> {
  const guard = guardOf(policy)

  function protect(
    requirement: Requirement<Claims>,
    handler: NodeHandler<Claims>,
  ): (request: IncomingMessage, response: ServerResponse) => void | Promise<void> {
    checkHandler(handler)
    const prepared = guard.prepare(requirement)
    return (request, response) => {
      const settle = (outcome: Outcome<Claims>): void | Promise<void> =>
        outcome.ok
          ? handler(request, response, outcome.value)
          : sendAnswer(response, guard.answer(outcome.refusal))
      const outcome = guard.admit(nodeReader, request, prepared)
      return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
    }
  }

  return { ...guard, protect }
}

/** Sends an answer; also for one taken from a thrown `GuardRefused`. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
