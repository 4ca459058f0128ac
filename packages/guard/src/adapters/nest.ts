import type { ServerResponse } from 'node:http'
import type { Guard } from '../guard/guard.ts'
import {
  joinRequirements,
  prepareRequirement,
  type Requirement,
} from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import { createNodeGate, guardOf, type NodeGate, type Policy } from './callers.ts'

/** What the guard uses of Nest's execution context. */
export interface NestContextLike {
  getType(): string
  getHandler(): object
  getClass(): object
  switchToHttp(): { getRequest(): NestRequestLike; getResponse(): NestResponseLike }
}

/** A request of Express, or of Fastify with its `raw` one inside. */
export type NestRequestLike = NodeRequest | { readonly raw: NodeRequest }
export type NestResponseLike = ServerResponse | { readonly raw: ServerResponse }

type Mark = (target: object, name?: string | symbol, member?: PropertyDescriptor) => void

const publicTargets = new WeakSet<object>()
const requirements = new WeakMap<object, Requirement<unknown>>()

/** Opens a route, or all routes of a controller, to everybody. */
export function Public(): Mark {
  return (target, _name, member) => {
    publicTargets.add(markable(target, member))
  }
}

/** States what a route, or every route of a controller, asks of its caller. Throws: TypeError for nonsense. */
export function Require(requirement: Requirement<unknown>): Mark {
  prepareRequirement(requirement)
  return (target, _name, member) => {
    requirements.set(markable(target, member), requirement)
  }
}

function markable(target: object, member: PropertyDescriptor | undefined): object {
  return typeof member?.value === 'function' ? member.value : target
}

/** A guard in the terms of Nest; give it to `useGlobalGuards`, so that a route nobody marked is refused. */
export interface NestGuard<Claims> extends Omit<Guard<Claims>, 'check' | 'require'> {
  readonly canActivate: (context: NestContextLike) => Promise<boolean>
  /** The caller of a guarded route. Throws: Error when nobody was admitted. */
  readonly caller: (request: NestRequestLike) => Admission<Claims>
}

/** Guards an application of Nest. Takes a policy, or a guard that another part of the program has already. */
export function createGuard<Claims = VerifiedClaims>(policy: Policy<Claims>): NestGuard<Claims> {
  const guard = guardOf(policy)
  const gate = createNodeGate(guard)
  const checks = new WeakMap<object, WeakMap<object, Check>>()

  /** The check of a route, unfolded once: what its method asks and what its controller asks. */
  function checkOf(handler: object, controller: object): Check {
    const known = checks.get(controller) ?? new WeakMap<object, Check>()
    checks.set(controller, known)
    const asked = [requirements.get(controller) ?? {}, requirements.get(handler) ?? {}] as const
    const check = known.get(handler) ?? gate.protect(joinRequirements(...asked))
    known.set(handler, check)
    return check
  }

  async function canActivate(context: NestContextLike): Promise<boolean> {
    const [handler, controller] = [context.getHandler(), context.getClass()]
    if (publicTargets.has(handler) || publicTargets.has(controller)) return true
    // Only HTTP carries credentials that this guard can read.
    if (context.getType() !== 'http') return false
    const request = rawOf(context.switchToHttp().getRequest())
    const answer = await checkOf(handler, controller)(request)
    if (answer === undefined) return true
    const response = rawOf(context.switchToHttp().getResponse())
    response.writeHead(answer.status, answer.headers).end(answer.body)
    return false
  }

  return { ...guard, canActivate, caller: (request) => gate.caller(rawOf(request)) }
}

type Check = ReturnType<NodeGate<unknown>['protect']>

function rawOf<Raw extends object>(given: Raw | { readonly raw: Raw }): Raw {
  return 'raw' in given ? given.raw : given
}
