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
  guardOf,
  nodeSource,
  requireCaller,
  takeNoRequirement,
  type Policy,
  type SchemaPolicy,
  type SourceReader,
} from './callers.ts'

/** What the guard reads of a Koa context. */
export interface KoaRequestLike {
  readonly req: IncomingMessage
  /** The address as it came, which a mounted application shortens in `req.url`. */
  readonly originalUrl: string
  /** The address of the client, behind the proxies that Koa trusts. */
  readonly ip?: string
}

/** What the guard uses of a Koa context. */
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

/** A guard in the terms of Koa. */
export interface KoaGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /** Middleware that lets only admitted callers on; `caller` then has them. */
  readonly protect: (requirement?: Requirement<Claims>) => KoaMiddleware
  /** Middleware for a route that anybody may use; a bad credential is still refused. */
  readonly optional: () => KoaMiddleware
  /** The caller of a protected route. Throws: Error when the route is not protected. */
  readonly caller: (context: Pick<KoaContextLike, 'req'>) => Admission<Claims>
  readonly callerIfAny: (context: Pick<KoaContextLike, 'req'>) => Admission<Claims> | undefined
  /** Judges a request inside its handler. Throws: `GuardRefused`, which Koa answers by itself. */
  readonly require: (
    context: KoaRequestLike,
    requirement?: Requirement<Claims>,
  ) => Promise<Admission<Claims>>
}

/** Guards routes of Koa. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): KoaGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): KoaGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): KoaGuard<Claims> {
  const guard = guardOf(policy)
  const { protect, optional, caller, callerIfAny } = createNodeGate(guard, koaSource)
  return {
    ...guard,
    protect: (...asked) => toMiddleware(protect(guard.prepare(...asked))),
    optional: (...asked) => {
      takeNoRequirement(asked)
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
  // Express, where Koa is mounted in it, keeps the address on the request itself.
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
