import type { IncomingMessage, ServerResponse } from 'node:http'
import { runAside } from '../outbound/owners-code.ts'
import { GuardRefused, type Answer } from '../refusal.ts'
import type { Guard, Outcome } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { nodeReader } from '../policy/request.ts'
import { checkHandler, guardOf, type Policy, type SchemaPolicy } from './callers.ts'

/** A handler that cannot be called without a caller. */
export type NodeHandler<Claims> = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Admission<Claims>,
) => void | Promise<void>

/** A guard in the terms of node:http. */
export interface NodeGuard<Claims> extends Guard<Claims> {
  /**
   * A listener that answers refusals itself and calls the handler with the caller. A handler that fails is answered
   * 500, or its connection is closed where the answer has begun; `onFault` gets the fault. Default: `console.error`.
   */
  readonly protect: (
    requirement: Requirement<Claims>,
    handler: NodeHandler<Claims>,
    onFault?: (fault: unknown) => void,
  ) => (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
}

/** Guards listeners of node:http. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): NodeGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): NodeGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): NodeGuard<Claims> {
  const guard = guardOf(policy)

  function protect(
    requirement: Requirement<Claims>,
    handler: NodeHandler<Claims>,
    onFault: (fault: unknown) => void = printFault,
  ): (request: IncomingMessage, response: ServerResponse) => void | Promise<void> {
    checkHandler(handler)
    const prepared = guard.prepare(requirement)
    return (request, response) => {
      const fail = (fault: unknown): void => answerFault(response, fault, onFault)
      const settle = (outcome: Outcome<Claims>): void | Promise<void> => {
        if (!outcome.ok) return sendAnswer(response, guard.answer(outcome.refusal))
        try {
          const done = handler(request, response, outcome.value)
          // A promise of another library is one too.
          return typeof done?.then === 'function' ? Promise.resolve(done).catch(fail) : undefined
        } catch (fault) {
          return fail(fault)
        }
      }
      const outcome = guard.admit(nodeReader, request, prepared)
      return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
    }
  }

  return { ...guard, protect }
}

/**
 * Answers for a handler that failed: the refusal that it threw, else 500.
 * Why: nobody waits for a listener of node:http, so its rejection would end the process.
 */
function answerFault(
  response: ServerResponse,
  fault: unknown,
  onFault: (fault: unknown) => void,
): void {
  if (fault instanceof GuardRefused && !response.headersSent) return sendAnswer(response, fault)
  runAside(() => onFault(fault))
  if (response.headersSent) {
    response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  sendAnswer(response, { status: 500, headers: {}, body: '' })
}

function printFault(fault: unknown): void {
  console.error(fault)
}

/** Sends an answer; also for one taken from a thrown `GuardRefused`. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
