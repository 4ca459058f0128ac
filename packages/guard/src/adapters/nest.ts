import type { ServerResponse } from 'node:http'
import type { Guard } from '../guard/guard.ts'
import {
  joinRequirements,
  prepareRequirement,
  type PreparedRequirement,
  type Requirement,
} from '../permissions/requirement.ts'
import type { Admission, VerifiedClaims } from '../policy/admission.ts'
import type { NodeRequest } from '../policy/request.ts'
import { createNodeGate, guardOf, nodeSource, type NodeGate, type Policy } from './callers.ts'

/** What the guard uses of Nest's execution context. */
export interface NestContextLike {
  getType(): string
  getHandler(): object
  getClass(): object
  switchToHttp(): { getRequest(): NestRequestLike; getResponse(): NestResponseLike }
}

/** A request of Express, or of Fastify with its `raw` one inside. */
export type NestRequestLike = NodeRequest | { readonly raw: NodeRequest }
/** A response of either platform that Nest stands on, Express or Fastify. */
export type NestResponseLike = ServerResponse | { readonly raw: ServerResponse }

type Mark = (target: object, name?: string | symbol, member?: PropertyDescriptor) => void

const publicTargets = new WeakSet<object>()
const requirements = new WeakMap<object, PreparedRequirement<unknown>>()

/** Opens a route, or those of a controller that ask for nothing themselves, to everybody. */
export function Public(): Mark {
  return (target, _name, member) => {
    publicTargets.add(markable(target, member))
  }
}

/**
 * States what a route, or every route of a controller and of those that extend it, asks of its caller. Of several
 * marks all hold.
 * Throws: TypeError for nonsense.
 */
export function Require(requirement: Requirement<unknown>): Mark {
  const prepared = prepareRequirement(requirement)
  return (target, _name, member) => {
    const marked = markable(target, member)
    const known = requirements.get(marked)
    requirements.set(marked, known === undefined ? prepared : joinRequirements(known, prepared))
  }
}

/** What a method asks, and what its controller and all that this one extends ask. */
function requirementOf(handler: object, controller: object): PreparedRequirement<unknown> {
  let asked = requirements.get(handler) ?? prepareRequirement()
  for (let each: object | null = controller; each !== null; each = Object.getPrototypeOf(each)) {
    const more = requirements.get(each)
    if (more !== undefined) asked = joinRequirements(asked, more)
  }
  return asked
}

/** The nearer mark decides; where one place has both, it is guarded. */
function isOpen(handler: object, controller: object): boolean {
  if (requirements.has(handler)) return false
  if (publicTargets.has(handler)) return true
  return publicTargets.has(controller) && !requirements.has(controller)
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
  const gate = createNodeGate(guard, nodeSource)
  const checks = new WeakMap<object, WeakMap<object, Check>>()

  /** The check of a route, unfolded once. */
  function checkOf(handler: object, controller: object): Check {
    const known = checks.get(controller) ?? new WeakMap<object, Check>()
    checks.set(controller, known)
    const check = known.get(handler) ?? gate.protect(requirementOf(handler, controller))
    known.set(handler, check)
    return check
  }

  async function canActivate(context: NestContextLike): Promise<boolean> {
    const [handler, controller] = [context.getHandler(), context.getClass()]
    if (isOpen(handler, controller)) return true
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

type Check = ReturnType<NodeGate<unknown, NodeRequest>['protect']>

function rawOf<Raw extends object>(given: Raw | { readonly raw: Raw }): Raw {
  return 'raw' in given ? given.raw : given
}
