import type { Answer } from '../refusal.ts'
import type { Guard } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import {
  createNodeGate,
  toGuard,
  nodeSource,
  checkNoRequirement,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'

/** The part of a Fastify request that the guard uses. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest
}

/** The part of a Fastify reply that the hook uses. */
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

/** A guard with the methods of Fastify. */
export interface FastifyGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /**
   * A hook (`onRequest` or `preHandler`) that lets only admitted callers pass.
   * @example app.get('/orders', { onRequest: guard.protect({ scope: 'read' }) }, handler)
   */
  readonly protect: (requirement?: Requirement<Claims>) => FastifyHook
  /** A hook for a route that needs no credential. A bad credential is still refused. */
  readonly optional: () => FastifyHook
  /** The caller of a protected route. Throws: Error when the route is not protected. */
  readonly caller: (request: FastifyRequestLike) => Admission<Claims>
  readonly callerIfAny: (request: FastifyRequestLike) => Admission<Claims> | undefined
  /** Checks a request inside its handler. Throws: `GuardRefused`, which Fastify answers itself. */
  readonly require: (
    request: FastifyRequestLike,
    requirement?: Requirement<Claims>,
  ) => Promise<Admission<Claims>>
}

/**
 * Guards routes of Fastify. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): FastifyGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): FastifyGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): FastifyGuard<Claims> {
  const guard = toGuard(policy)
  const { protect, optional, caller, callerIfAny } = createNodeGate(guard, nodeSource)
  return {
    ...guard,
    protect: (...asked) => toHook(protect(guard.prepare(...asked))),
    optional: (...asked) => {
      checkNoRequirement(asked)
      return toHook(optional())
    },
    caller: ({ raw }) => caller(raw),
    callerIfAny: ({ raw }) => callerIfAny(raw),
    require: ({ raw }, ...asked) => guard.require(raw, ...asked),
  }
}

function toHook(check: (request: NodeRequest) => MaybePromise<Answer | undefined>): FastifyHook {
  return (request, reply, proceed) => {
    const respondOrProceed = (answer: Answer | undefined): void => {
      if (answer === undefined) return proceed()
      reply.code(answer.status)
      reply.headers({ ...answer.headers })
      reply.send(answer.body)
    }
    const answer = check(request.raw)
    if (answer instanceof Promise)
      answer.then(respondOrProceed).catch((fault: Error) => proceed(fault))
    else respondOrProceed(answer)
  }
}
