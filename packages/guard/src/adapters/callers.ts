import type { Answer } from '../refusal.ts'
import { createGuard, type Guard, type Outcome } from '../guard/guard.ts'
import type { GuardOptions } from '../guard/options.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { PreparedRequirement } from '../permissions/requirement.ts'
import type { Admission } from '../policy/admission.ts'
import { nodeReader, type NodeRequest } from '../policy/request.ts'

/** A policy, or a guard that another part of the program has already. */
export type Policy<Claims> = GuardOptions<Claims> | Guard<Claims>

/** The guard behind a policy. */
export function guardOf<Claims>(policy: Policy<Claims>): Guard<Claims> {
  return 'admit' in policy ? policy : createGuard(policy)
}

/**
 * Makes sure that `optional` was given nothing.
 * Throws: TypeError for a requirement, which an optional route would not check.
 */
export function takeNoRequirement(given: readonly unknown[]): void {
  if (given.length > 0) throw new TypeError('optional() takes no requirement; use protect()')
}

/**
 * Makes sure that a route has a handler.
 * Throws: TypeError for anything else, so that it is found before the first good request.
 */
export function checkHandler(handler: unknown): void {
  if (typeof handler !== 'function')
    throw new TypeError('protect() takes a requirement and a handler, which is a function')
}

/** What the frameworks over node:http share: a request goes in, a caller is remembered or an answer is due. */
export interface NodeGate<Claims> {
  /** Answers undefined when the request may go on. */
  readonly protect: (
    requirement: PreparedRequirement<Claims>,
  ) => (request: NodeRequest) => MaybePromise<Answer | undefined>
  readonly optional: () => (request: NodeRequest) => MaybePromise<Answer | undefined>
  /** Throws: Error when the route is not protected. */
  readonly caller: (request: NodeRequest) => Admission<Claims>
  readonly callerIfAny: (request: NodeRequest) => Admission<Claims> | undefined
}

/**
 * Makes the gate of one guard.
 * Why: a caller stands on its request under a symbol that only this gate has, so nothing that a client sends or
 * another middleware sets by name can look like one. A WeakMap would keep requests past their end until the next
 * full garbage collection, which cost more than the check.
 */
export function createNodeGate<Claims>(guard: Guard<Claims>): NodeGate<Claims> {
  const slot = Symbol('caller')
  type Visited = NodeRequest & { [slot]?: Admission<Claims> }

  function settle(
    request: NodeRequest,
    outcome: Outcome<Claims> | Awaited<ReturnType<typeof guard.identify>>,
  ): Answer | undefined {
    if (!outcome.ok) return guard.answer(outcome.refusal)
    if (outcome.value !== undefined) (request as Visited)[slot] = outcome.value
    return undefined
  }

  return {
    protect: (requirement) => (request) => {
      const outcome = guard.admit(nodeReader, request, requirement)
      if (!(outcome instanceof Promise)) return settle(request, outcome)
      return outcome.then((settled) => settle(request, settled))
    },
    optional: () => (request) => {
      const outcome = guard.identify(nodeReader, request)
      if (!(outcome instanceof Promise)) return settle(request, outcome)
      return outcome.then((settled) => settle(request, settled))
    },
    caller: (request) => {
      const caller = (request as Visited)[slot]
      if (caller === undefined) throw new Error('this route is not protected: nobody was admitted')
      return caller
    },
    callerIfAny: (request) => (request as Visited)[slot],
  }
}
