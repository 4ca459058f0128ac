import type { IncomingMessage } from 'node:http'
import type { Answer } from '../refusal.ts'
import type { Guard } from '../guard/guard.ts'
import type { MaybePromise } from '../policy/maybe-promise.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { askerAt } from '../policy/asker.ts'
import { nodeReader, type NodeRequest } from '../policy/request.ts'
import {
  createNodeGate,
  toGuard,
  nodeSource,
  requireCaller,
  checkNoRequirement,
  type Policy,
  type SchemaPolicy,
  type SourceReader,
} from './callers.ts'

/** The part of a Koa context that the guard reads. */
export interface KoaRequestLike {
  readonly req: IncomingMessage
  /** The address that the client sent. A mounted application shortens it in `req.url`. */
  readonly originalUrl: string
  /** The address of the client, behind the proxies that Koa trusts. */
  readonly ip?: string
}

/** The part of a Koa context that the guard reads and writes. */
export interface KoaContextLike extends KoaRequestLike {
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

/** Middleware as Koa calls it. */
export type KoaMiddleware = (
  context: KoaContextLike,
  next: () => Promise<unknown>,
) => Promise<unknown>

/** A guard with the methods of Koa. */
export interface KoaGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /**
   * Middleware that lets only admitted callers pass; `caller` returns them.
   * @example app.use(guard.protect({ scope: 'read' }))
   */
  readonly protect: (requirement?: Requirement<Claims>) => KoaMiddleware
  /** Middleware for a route that needs no credential. A bad credential is still refused. */
  readonly optional: () => KoaMiddleware
  /** The caller of a protected route. Throws: Error when the route is not protected. */
  readonly caller: (context: Pick<KoaContextLike, 'req'>) => Admission<Claims>
  readonly callerIfAny: (context: Pick<KoaContextLike, 'req'>) => Admission<Claims> | undefined
  /** Checks a request inside its handler. Throws: `GuardRefused`, which Koa answers itself. */
  readonly require: (
    context: KoaRequestLike,
    requirement?: Requirement<Claims>,
  ) => Promise<Admission<Claims>>
}

/**
 * Guards routes of Koa. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): KoaGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): KoaGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): KoaGuard<Claims> {
  const guard = toGuard(policy)
  const { protect, optional, caller, callerIfAny } = createNodeGate(guard, koaSource)
  return {
    ...guard,
    protect: (...asked) => toMiddleware(protect(guard.prepare(...asked))),
    optional: (...asked) => {
      checkNoRequirement(asked)
      return toMiddleware(optional())
    },
    caller: ({ req }) => caller(req),
    callerIfAny: ({ req }) => callerIfAny(req),
    require: (context, ...asked) => requireCaller(guard, koaSource, context, ...asked),
  }
}

const koaSource: SourceReader<KoaRequestLike> = {
  method: ({ req }) => nodeSource.method(req),
  header: ({ req }, name) => nodeSource.header(req, name),
  // If Koa is mounted in Express, Express keeps the address on the request itself.
  url: ({ req, originalUrl }) => (req as NodeRequest).originalUrl ?? originalUrl,
  identity: ({ req }) => req,
  asker: ({ req, ip }) => (ip === undefined ? nodeReader.asker?.(req) : askerAt(ip)),
}

function toMiddleware(
  check: (context: KoaRequestLike) => MaybePromise<Answer | undefined>,
): KoaMiddleware {
  return async (context, next) => {
    const answer = await check(context)
    if (answer === undefined) return next()
    context.status = answer.status
    context.set({ ...answer.headers })
    context.body = answer.body
    return undefined
  }
}
