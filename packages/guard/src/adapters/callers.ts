import { GuardRefused, type Answer, type GuardRefusal } from '../refusal.ts'
import { openGuard, type Guard, type Outcome } from '../guard/guard.ts'
import type { GuardOptions, SchemaOptions } from '../guard/options.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { PreparedRequirement, Requirement } from '../permissions/requirement.ts'
import type { Admission } from '../policy/admission.ts'
import { nodeReader, type NodeRequest, type RequestReader } from '../policy/request.ts'

/** A policy, or a guard that another part of the program has already. */
export type Policy<Claims> = GuardOptions<Claims> | Guard<Claims>

/** A policy with a schema, from which the claims get their type, or a guard that has one. */
export type SchemaPolicy<Claims> = SchemaOptions<Claims> | Guard<Claims>

/** The guard behind a policy. */
export function guardOf<Claims>(policy: Policy<Claims>): Guard<Claims> {
  return 'admit' in policy ? policy : openGuard(policy)
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

/** The shared part of the frameworks over node:http: a request goes in, a caller is kept or an answer is due. */
export interface NodeGate<Claims, Source> {
  /** Answers undefined when the request may go on. */
  readonly protect: (
    requirement: PreparedRequirement<Claims>,
  ) => (source: Source) => MaybePromise<Answer | undefined>
  readonly optional: () => (source: Source) => MaybePromise<Answer | undefined>
  /** As `protect`, but gives the refusal, for frameworks that render answers by their own means. */
  readonly judge: (
    requirement: PreparedRequirement<Claims>,
  ) => (source: Source) => MaybePromise<GuardRefusal | undefined>
  /** Throws: Error when the route is not protected. */
  readonly caller: (request: object) => Admission<Claims>
  readonly callerIfAny: (request: object) => Admission<Claims> | undefined
}

/** A reader of one framework that can also name the object of a request. */
export type SourceReader<Source> = RequestReader<Source> &
  Required<Pick<RequestReader<Source>, 'identity'>>

/** Reads the requests of frameworks that hand out those of node:http. */
export const nodeSource: SourceReader<NodeRequest> = {
  ...nodeReader,
  identity: (request) => request,
}

/**
 * Judges a request inside its handler, read by the framework's own reader.
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
 * Why: a caller stands on its request under a symbol that only this gate has, so nothing that a client sends or
 * another middleware sets by name can look like one. A WeakMap would keep requests past their end until the next
 * full garbage collection, which cost more than the check.
 */
export function createNodeGate<Claims, Source>(
  guard: Guard<Claims>,
  reader: SourceReader<Source>,
): NodeGate<Claims, Source> {
  const slot = Symbol('caller')
  type Visited = object & { [slot]?: Admission<Claims> }

  /** Keeps the caller on the request, or gives the refusal. */
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
      if (caller === undefined) throw new Error('this route is not protected: nobody was admitted')
      return caller
    },
    callerIfAny: (request) => (request as Visited)[slot],
  }
}
