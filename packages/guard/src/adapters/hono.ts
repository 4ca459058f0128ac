import type { Context, MiddlewareHandler } from 'hono'
import type { Guard } from '../guard/guard.ts'
import type { Requirement } from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { RequestReader } from '../policy/request.ts'
import {
  toGuard,
  requireCaller,
  checkNoRequirement,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'
import { fetchSourceReader, type FetchSource } from './fetch-source.ts'
import { toResponse } from './fetch.ts'

/** The members of `c.var` in handlers behind the guard. */
export interface HonoCaller<Caller> {
  Variables: { caller: Caller }
}

/** A guard with the methods of Hono. */
export interface HonoGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /**
   * Middleware that lets only admitted callers pass, as the typed `c.var.caller`.
   * @example app.get('/orders', guard.protect({ scope: 'read' }), (c) => c.text(c.var.caller.subject))
   */
  readonly protect: (
    requirement?: Requirement<Claims>,
  ) => MiddlewareHandler<HonoCaller<Admission<Claims>>>
  /** Middleware for a route that needs no credential. A bad credential is still refused. */
  readonly optional: () => MiddlewareHandler<HonoCaller<Admission<Claims> | undefined>>
  /** Checks a request inside its handler. Throws: `GuardRefused`; `onError` can answer it with `toResponse`. */
  readonly require: (c: Context, requirement?: Requirement<Claims>) => Promise<Admission<Claims>>
}

const reader: RequestReader<Context> = {
  method: (c) => c.req.raw.method,
  header: (c, name) => c.req.raw.headers.get(name) ?? undefined,
  url: (c) => fetchSourceReader.url(sourceOf(c)),
  identity: (c) => fetchSourceReader.identity?.(sourceOf(c)) ?? c.req.raw,
  asker: (c) => fetchSourceReader.asker?.(sourceOf(c)),
}

function sourceOf({ req, env }: Context): FetchSource {
  return { raw: req.raw, env: env as unknown }
}

/**
 * Guards routes of Hono. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): HonoGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): HonoGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): HonoGuard<Claims> {
  const guard = toGuard(policy)
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
      checkNoRequirement(asked)
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
