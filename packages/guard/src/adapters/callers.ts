import { GuardRefused, type Answer, type GuardRefusal } from '../refusal.ts'
import { openGuard, type Guard, type Outcome } from '../guard/guard.ts'
import type { GuardOptions, SchemaOptions } from '../guard/options.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { PreparedRequirement, Requirement } from '../permissions/requirement.ts'
import type { Admission } from '../policy/admission.ts'
import { nodeReader, type NodeRequest, type RequestReader } from '../policy/request.ts'

/** A policy, or an existing guard that the program shares. */
export type Policy<Claims> = GuardOptions<Claims> | Guard<Claims>

/** A policy whose schema gives the claims their type, or a guard with such a schema. */
export type SchemaPolicy<Claims> = SchemaOptions<Claims> | Guard<Claims>

/** Opens the guard of a policy; returns a guard as it is. */
export function toGuard<Claims>(policy: Policy<Claims>): Guard<Claims> {
  return isObject(policy) && 'admit' in policy ? policy : openGuard(policy)
}

/** Whether a value from a program without a compiler is an object. */
function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Makes sure that `optional` has no arguments.
 * Throws: TypeError for a requirement, which an optional route would not check.
 */
export function checkNoRequirement(given: readonly unknown[]): void {
  if (given.length > 0) throw new TypeError('optional() takes no requirement; use protect()')
}

/**
 * Makes sure that a route has a handler.
 * Throws: TypeError for anything else.
 * Why: the mistake shows at the definition, before the first good request.
 */
export function checkHandler(handler: unknown): void {
  if (typeof handler !== 'function')
    throw new TypeError('protect() takes a requirement and a handler, which is a function')
}

/** The shared part of the frameworks over node:http. It keeps the caller of a request, or returns the refusal. */
export interface NodeGate<Claims, Source> {
  /** Returns undefined for an admitted request. */
  readonly protect: (
    requirement: PreparedRequirement<Claims>,
  ) => (source: Source) => MaybePromise<Answer | undefined>
  readonly optional: () => (source: Source) => MaybePromise<Answer | undefined>
  /** Like `protect`, but returns the refusal. For frameworks that render answers by their own means. */
  readonly judge: (
    requirement: PreparedRequirement<Claims>,
  ) => (source: Source) => MaybePromise<GuardRefusal | undefined>
  /** Throws: Error when the route is not protected. */
  readonly caller: (request: object) => Admission<Claims>
  readonly callerIfAny: (request: object) => Admission<Claims> | undefined
}

/** A reader of one framework. It also returns the object of a request. */
export type SourceReader<Source> = RequestReader<Source> &
  Required<Pick<RequestReader<Source>, 'identity'>>

/** Reads requests of node:http, which several frameworks expose. */
export const nodeSource: SourceReader<NodeRequest> = {
  ...nodeReader,
  identity: (request) => request,
}

/**
 * Checks a request inside its handler, with the framework's own reader.
 * Throws: `GuardRefused`; TypeError for a requirement that makes no sense.
 */
export async function requireCaller<Claims, Source>(
  guard: Guard<Claims>,
  reader: RequestReader<Source>,
  source: Source,
  ...asked: readonly [requirement?: Requirement<Claims>]
): Promise<Admission<Claims>> {
  const outcome = await guard.admit(reader, source, guard.prepare(...asked))
  if (outcome.ok) return outcome.value
  throw new GuardRefused(outcome.refusal, guard.answer(outcome.refusal))
}

/**
 * Makes the gate of one guard.
 * Why: the caller is kept on its request under a symbol that only this gate has. Nothing that a client sends or
 * another middleware sets by name can look like one. A WeakMap keeps ended requests until the next full garbage
 * collection, which costs more than the check.
 */
export function createNodeGate<Claims, Source>(
  guard: Guard<Claims>,
  reader: SourceReader<Source>,
): NodeGate<Claims, Source> {
  const slot = Symbol('caller')
  type Visited = object & { [slot]?: Admission<Claims> }

  /** Keeps the caller on the request, or returns the refusal. */
  function keepCaller(
    source: Source,
    outcome: Outcome<Claims> | Awaited<ReturnType<typeof guard.identify>>,
  ): GuardRefusal | undefined {
    if (!outcome.ok) return outcome.refusal
    if (outcome.value !== undefined) (reader.identity(source) as Visited)[slot] = outcome.value
    return undefined
  }

  const answerOf = (refusal: GuardRefusal | undefined): Answer | undefined =>
    refusal === undefined ? undefined : guard.answer(refusal)

  const judge: NodeGate<Claims, Source>['judge'] = (requirement) => (source) =>
    after(guard.admit(reader, source, requirement), (outcome) => keepCaller(source, outcome))

  return {
    judge,
    protect: (requirement) => {
      const judgeRequest = judge(requirement)
      return (source) => after(judgeRequest(source), answerOf)
    },
    optional: () => (source) =>
      after(guard.identify(reader, source), (outcome) => answerOf(keepCaller(source, outcome))),
    caller: (request) => {
      const caller = (request as Visited)[slot]
      if (caller === undefined)
        throw new Error('this route is not protected: no caller was admitted')
      return caller
    },
    callerIfAny: (request) => (request as Visited)[slot],
  }
}
