import type { Guard } from '../guard/guard.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import {
  createNodeGate,
  guardOf,
  nodeSource,
  type NodeGate,
  type Policy,
  type SchemaPolicy,
} from './callers.ts'
import { toException, type NestResponseLike } from './nest-exception.ts'
import { marksOf, marksPlaced } from './nest-marks.ts'

/** What the guard uses of Nest's execution context. */
export interface NestContextLike {
  getType(): string
  getHandler(): object
  getClass(): object
  switchToHttp(): { getRequest(): NestRequestLike; getResponse(): NestResponseLike }
}

/** A request of Express, or of Fastify with its `raw` one inside. */
export type NestRequestLike = NodeRequest | { readonly raw: NodeRequest }

/** A guard in the terms of Nest; give it to `useGlobalGuards`, so that a route nobody marked is refused. */
export interface NestGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  /** Throws: Nest's `HttpException` for a refusal, which the application's filters answer. */
  readonly canActivate: (context: NestContextLike) => Promise<boolean>
  /** The caller of a guarded route. Throws: Error when nobody was admitted. */
  readonly caller: (request: NestRequestLike) => Admission<Claims>
}

/** Guards an application of Nest. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims>(policy: SchemaPolicy<Claims>): NestGuard<Claims>
export function createGuard(policy: Policy<VerifiedClaims>): NestGuard<VerifiedClaims>
export function createGuard<Claims>(policy: Policy<Claims>): NestGuard<Claims> {
  const guard = guardOf(policy)
  const gate = createNodeGate(guard, nodeSource)
  const routes = new WeakMap<object, WeakMap<object, Route>>()

  /** The marks of a route, collected once. */
  function routeOf(handler: object, controller: object): Route {
    const known = routes.get(controller) ?? new WeakMap<object, Route>()
    routes.set(controller, known)
    const before = known.get(handler)
    if (before?.marks === marksPlaced()) return before
    const { isOpen, requirement } = marksOf(handler, controller)
    const route = { isOpen, judge: gate.judge(requirement), marks: marksPlaced() }
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
  /** How many marks there were when it was made. */
  readonly marks: number
  readonly judge: ReturnType<NodeGate<unknown, NodeRequest>['judge']>
}

function rawOf<Raw extends object>(given: Raw | { readonly raw: Raw }): Raw {
  return 'raw' in given ? given.raw : given
}

export { Public, Require } from './nest-marks.ts'
