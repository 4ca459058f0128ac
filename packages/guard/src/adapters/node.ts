import type { IncomingMessage, ServerResponse } from 'node:http'
import { runAndIgnoreFailure } from '../outbound/owners-code.ts'
import { GuardRefused, type Answer } from '../refusal.ts'
import type { Guard, Outcome } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { nodeReader } from '../policy/request.ts'
import { checkHandler, toGuard, type Policy, type SchemaPolicy } from './callers.ts'

/** A handler that needs a caller. */
export type NodeHandler<Claims> = (
  request: IncomingMessage,
  response: ServerResponse,
  caller: Admission<Claims>,
) => void | Promise<void>

/** A guard with the methods of node:http. */
export interface NodeGuard<Claims> extends Guard<Claims> {
  /**
   * Returns a listener that answers refusals and calls the handler with the caller. For a failed handler it answers 500,
   * or closes the connection if the answer has begun. `onFault` receives the fault. Default: `console.error`.
   * @example createServer(guard.protect({ scope: 'read' }, (request, response, caller) => response.end(caller.subject)))
   */
  readonly protect: (
    requirement: Requirement<Claims>,
    handler: NodeHandler<Claims>,
    onFault?: (fault: unknown) => void,
  ) => (request: IncomingMessage, response: ServerResponse) => void | Promise<void>
}

/**
 * Guards listeners of node:http. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): NodeGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): NodeGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): NodeGuard<Claims> {
  const guard = toGuard(policy)

  function protect(
    requirement: Requirement<Claims>,
    handler: NodeHandler<Claims>,
    onFault: (fault: unknown) => void = printFault,
  ): (request: IncomingMessage, response: ServerResponse) => void | Promise<void> {
    checkHandler(handler)
    const prepared = guard.prepare(requirement)
    return (request, response) => {
      const fail = (fault: unknown): void => answerFault(response, fault, onFault)
      const respond = (outcome: Outcome<Claims>): void | Promise<void> => {
        if (!outcome.ok) return sendAnswer(response, guard.answer(outcome.refusal))
        try {
          const done = handler(request, response, outcome.value)
          // The promise may come from another library.
          return typeof done?.then === 'function' ? Promise.resolve(done).catch(fail) : undefined
        } catch (fault) {
          return fail(fault)
        }
      }
      const outcome = guard.admit(nodeReader, request, prepared)
      return outcome instanceof Promise ? outcome.then(respond) : respond(outcome)
    }
  }

  return { ...guard, protect }
}

/**
 * Answers for a failed handler: with the refusal that it threw, else with 500.
 * Why: node:http does not await its listeners, so a rejection would end the process.
 */
function answerFault(
  response: ServerResponse,
  fault: unknown,
  onFault: (fault: unknown) => void,
): void {
  if (fault instanceof GuardRefused && !response.headersSent) return sendAnswer(response, fault)
  runAndIgnoreFailure(() => onFault(fault))
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

/** Sends an answer. A thrown `GuardRefused` is an answer too. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
