import type { Answer } from '../refusal.ts'
import type { Guard } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import {
  createNodeGate,
  guardOf,
  nodeSource,
  takeNoRequirement,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'

/** What the guard uses of a Fastify request and reply. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest
}

/** What the hook needs of a reply of Fastify. */
export interface FastifyReplyLike {
  code(status: number): unknown
  headers(headers: Record<string, string>): unknown
  send(body: string): unknown
}

/** A hook as Fastify calls it. */
export type FastifyHook = (
  request: FastifyRequestLike,
  reply: FastifyReplyLike,
  proceed: (fault?: Error) => void,
) => void

/** A guard in the terms of Fastify. */
export interface FastifyGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /** A hook (`onRequest` or `preHandler`) that lets only admitted callers on. */
  readonly protect: (requirement?: Requirement<Claims>) => FastifyHook
  /** A hook for a route that anybody may use; a bad credential is still refused. */
  readonly optional: () => FastifyHook
  /** The caller of a protected route. Throws: Error when the route is not protected. */
  readonly caller: (request: FastifyRequestLike) => Admission<Claims>
  readonly callerIfAny: (request: FastifyRequestLike) => Admission<Claims> | undefined
  /** Judges a request inside its handler. Throws: `GuardRefused`, which Fastify answers by itself. */
  readonly require: (
    request: FastifyRequestLike,
    requirement?: Requirement<Claims>,
  ) => Promise<Admission<Claims>>
}

/** Guards routes of Fastify. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): FastifyGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): FastifyGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): FastifyGuard<Claims> {
  const guard = guardOf(policy)
  const { protect, optional, caller, callerIfAny } = createNodeGate(guard, nodeSource)
  return {
    ...guard,
    protect: (...asked) => toHook(protect(guard.prepare(...asked))),
    optional: (...asked) => {
      takeNoRequirement(asked)
      return toHook(optional())
    },
    caller: ({ raw }) => caller(raw),
    callerIfAny: ({ raw }) => callerIfAny(raw),
    require: ({ raw }, ...asked) => guard.require(raw, ...asked),
  }
}

function toHook(check: (request: NodeRequest) => MaybePromise<Answer | undefined>): FastifyHook {
  return (request, reply, proceed) => {
    const settle = (answer: Answer | undefined): void => {
      if (answer === undefined) return proceed()
      reply.code(answer.status)
      reply.headers({ ...answer.headers })
      reply.send(answer.body)
    }
    const answer = check(request.raw)
    if (answer instanceof Promise) answer.then(settle).catch((fault: Error) => proceed(fault))
    else settle(answer)
  }
}
