import type { Guard } from '../guard/guard.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import {
  createNodeGate,
  toGuard,
  nodeSource,
  type NodeGate,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'
import { toException, type NestResponseLike } from './nest-exception.ts'
import { marksOf, marksPlaced } from './nest-marks.ts'

/** The part of Nest's execution context that the guard uses. */
export interface NestContextLike {
  getType(): string
  getHandler(): object
  getClass(): object
  switchToHttp(): { getRequest(): NestRequestLike; getResponse(): NestResponseLike }
}

/** A request of Express, or of Fastify with its `raw` one inside. */
export type NestRequestLike = NodeRequest | { readonly raw: NodeRequest }

/** A guard with the methods of Nest. Pass it to `useGlobalGuards`, so that a route without marks needs a token. */
export interface NestGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /** Throws: Nest's `HttpException` for a refusal, which the application's filters answer. */
  readonly canActivate: (context: NestContextLike) => Promise<boolean>
  /** The caller of a guarded route. Throws: Error if no caller was admitted. */
  readonly caller: (request: NestRequestLike) => Admission<Claims>
}

/**
 * Guards an application of Nest. Takes a policy, or an existing guard.
 * @example const guard = createGuard({ issuer: 'https://id.example', audience: 'https://api.example' })
 */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): NestGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): NestGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): NestGuard<Claims> {
  const guard = toGuard(policy)
  const gate = createNodeGate(guard, nodeSource)
  const routes = new WeakMap<object, WeakMap<object, Route>>()

  /** Collects the marks of a route once. */
  function routeOf(handler: object, controller: object): Route {
    const known = routes.get(controller) ?? new WeakMap<object, Route>()
    routes.set(controller, known)
    const before = known.get(handler)
    if (before?.markCount === marksPlaced()) return before
    const { isOpen, requirement } = marksOf(handler, controller)
    const route = { isOpen, judge: gate.judge(requirement), markCount: marksPlaced() }
    known.set(handler, route)
    return route
  }

  async function canActivate(context: NestContextLike): Promise<boolean> {
    const { isOpen, judge } = routeOf(context.getHandler(), context.getClass())
    if (isOpen) return true
    // Only HTTP carries credentials that this guard can read.
    if (context.getType() !== 'http') return false
    const http = context.switchToHttp()
    const refusal = await judge(rawOf(http.getRequest()))
    if (refusal === undefined) return true
    throw await toException(refusal, guard.answer(refusal), http.getResponse())
  }

  return { ...guard, canActivate, caller: (request) => gate.caller(rawOf(request)) }
}

interface Route {
  readonly isOpen: boolean
  /** The count of marks when the route was made. */
  readonly markCount: number
  readonly judge: ReturnType<NodeGate<unknown, NodeRequest>['judge']>
}

function rawOf<Raw extends object>(given: Raw | { readonly raw: Raw }): Raw {
  return 'raw' in given ? given.raw : given
}

export { Public, Require } from './nest-marks.ts'
