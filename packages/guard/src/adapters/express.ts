import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../refusal.ts'
import type { Guard } from '../guard/guard.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import {
  createNodeGate,
  toGuard,
  nodeSource,
  checkNoRequirement,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'

/** Middleware as Express calls it. */
export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  proceed: (fault?: unknown) => void,
) => void

/** A guard with the methods of Express, and of every framework with connect middleware. */
export interface ExpressGuard<Claims> extends Guard<Claims> {
  /**
   * Middleware that lets only admitted callers pass; `caller` returns them.
   * @example app.get('/orders', guard.protect({ scope: 'read' }), handler)
   */
  readonly protect: (requirement?: Requirement<Claims>) => ExpressMiddleware
  /** Middleware for a route that needs no credential. A bad credential is still refused. */
  readonly optional: () => ExpressMiddleware
  /** The caller of a protected route. Throws: Error when the route is not protected. */
  readonly caller: (request: IncomingMessage) => Admission<Claims>
  readonly callerIfAny: (request: IncomingMessage) => Admission<Claims> | undefined
}

/**
 * Guards routes of Express. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): ExpressGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): ExpressGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): ExpressGuard<Claims> {
  const guard = toGuard(policy)
  const { protect, optional, caller, callerIfAny } = createNodeGate(guard, nodeSource)
  return {
    ...guard,
    protect: (...asked) => toMiddleware(protect(guard.prepare(...asked))),
    optional: (...asked) => {
      checkNoRequirement(asked)
      return toMiddleware(optional())
    },
    caller,
    callerIfAny,
  }
}

function toMiddleware(
  check: (request: IncomingMessage) => MaybePromise<Answer | undefined>,
): ExpressMiddleware {
  return (request, response, proceed) => {
    const respondOrProceed = (answer: Answer | undefined): void => {
      if (answer === undefined) return proceed()
      response.writeHead(answer.status, answer.headers).end(answer.body)
    }
    const answer = check(request)
    if (answer instanceof Promise)
      answer.then(respondOrProceed).catch((fault: unknown) => proceed(fault))
    else respondOrProceed(answer)
  }
}
