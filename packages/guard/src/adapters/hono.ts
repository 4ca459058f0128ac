import type { Context, MiddlewareHandler } from 'hono'
import type { Guard } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import { nodeReader, type NodeRequest, type RequestReader } from '../policy/request.ts'
import {
  guardOf,
  requireCaller,
  takeNoRequirement,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'
import { toResponse } from './fetch.ts'

/** What handlers behind the guard find in `c.var`. */
export interface HonoCaller<Caller> {
  Variables: { caller: Caller }
}

/** A guard in the terms of Hono. */
export interface HonoGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /** Middleware that lets only admitted callers on, as the typed `c.var.caller`. */
  readonly protect: (
    requirement?: Requirement<Claims>,
  ) => MiddlewareHandler<HonoCaller<Admission<Claims>>>
  /** Middleware for a route that anybody may use; a bad credential is still refused. */
  readonly optional: () => MiddlewareHandler<HonoCaller<Admission<Claims> | undefined>>
  /** Judges a request inside its handler. Throws: `GuardRefused`; `onError` can answer it with `toResponse`. */
  readonly require: (c: Context, requirement?: Requirement<Claims>) => Promise<Admission<Claims>>
}

const reader: RequestReader<Context> = {
  method: (c) => c.req.raw.method,
  header: (c, name) => c.req.raw.headers.get(name) ?? undefined,
  url: (c) => {
    const incoming = incomingOf(c)
    return incoming === undefined ? c.req.raw.url : nodeReader.url(incoming)
  },
  identity: (c) => incomingOf(c) ?? c.req.raw,
  asker: (c) => {
    const incoming = incomingOf(c)
    return incoming === undefined ? undefined : nodeReader.asker?.(incoming)
  },
}

/**
 * The request of node:http below, where Hono runs on Node.
 * Why: `app.mount` hands on a copy of the request with a shorter address, and the copy does not say so.
 */
function incomingOf({ env }: Context): NodeRequest | undefined {
  const incoming: unknown =
    typeof env === 'object' && env !== null ? Reflect.get(env, 'incoming') : undefined
  return incoming instanceof Object && 'rawHeaders' in incoming && 'url' in incoming
    ? (incoming as NodeRequest)
    : undefined
}

/** Guards routes of Hono. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): HonoGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): HonoGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): HonoGuard<Claims> {
  const guard = guardOf(policy)
  return {
    ...guard,
    protect: (...asked) => {
      const prepared = guard.prepare(...asked)
      return async (c, next) => {
        const admitted = guard.admit(reader, c, prepared)
        const outcome = admitted instanceof Promise ? await admitted : admitted
        if (!outcome.ok) return toResponse(guard.answer(outcome.refusal))
        c.set('caller', outcome.value)
        return next()
      }
    },
    optional: (...asked) => {
      takeNoRequirement(asked)
      return async (c, next) => {
        const outcome = await guard.identify(reader, c)
        if (!outcome.ok) return toResponse(guard.answer(outcome.refusal))
        c.set('caller', outcome.value)
        return next()
      }
    },
    require: (c, ...asked) => requireCaller(guard, reader, c, ...asked),
  }
}

export { toResponse }
