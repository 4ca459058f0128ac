import type { Admission } from '../policy/admission.ts'
import { isPlainObject } from '../policy/plain-object.ts'

/** What one route asks of its caller, beyond a valid token. Every member that is given must hold. */
export interface Requirement<Claims> {
  /** All of these scopes; a string is split at single spaces. */
  readonly scope?: string | readonly string[]
  /** At least one of these roles. */
  readonly role?: string | readonly string[]
  /** All of these permissions. */
  readonly permission?: string | readonly string[]
  /** The user signed in no longer ago than this. Units: seconds. */
  readonly maxAgeSeconds?: number
  /** The sign-in reached one of these authentication contexts. */
  readonly acr?: string | readonly string[]
  /** The owner's own rule. Anything but `true` denies, a promise included. */
  readonly allow?: (caller: Admission<Claims>) => boolean
}

/** A requirement, checked for sense and unfolded once. */
export interface PreparedRequirement<Claims> {
  readonly isEmpty: boolean
  readonly scopes: readonly string[]
  /** Lists of which at least one role each is asked for. */
  readonly roles: readonly (readonly string[])[]
  readonly permissions: readonly string[]
  readonly maxAgeSeconds: number | undefined
  readonly acrs: readonly string[]
  readonly allow: ((caller: Admission<Claims>) => boolean) | undefined
}

const members: ReadonlySet<string> = new Set([
  'scope',
  'role',
  'permission',
  'maxAgeSeconds',
  'acr',
  'allow',
])

/**
 * Unfolds a route's requirement. Without an argument, or with `{}`, any valid token is enough.
 * Throws: TypeError for a requirement that is no plain object, for `undefined`, for a member that is unknown, present
 * with `undefined`, empty or of another kind. Why: a misspelt name must not open a route.
 */
export function prepareRequirement<Claims>(
  ...given: readonly [requirement?: Requirement<Claims>]
): PreparedRequirement<Claims> {
  const requirement = given.length === 0 ? {} : readMembers<Claims>(given[0])
  const { maxAgeSeconds, allow } = requirement
  if (maxAgeSeconds !== undefined && !(Number.isFinite(maxAgeSeconds) && maxAgeSeconds >= 0))
    throw new TypeError('maxAgeSeconds must be a number of seconds')
  if (allow !== undefined && typeof allow !== 'function')
    throw new TypeError('allow must be a function')
  const prepared = {
    scopes: names('scope', requirement.scope).flatMap((text) => text.split(' ')),
    roles: requirement.role === undefined ? [] : [names('role', requirement.role)],
    permissions: names('permission', requirement.permission),
    maxAgeSeconds,
    acrs: names('acr', requirement.acr),
    allow,
  }
  if (prepared.scopes.includes('')) throw new TypeError('a required scope is empty')
  const isEmpty =
    prepared.scopes.length + prepared.roles.length + prepared.permissions.length === 0 &&
    prepared.acrs.length === 0 &&
    maxAgeSeconds === undefined &&
    allow === undefined
  return { ...prepared, isEmpty }
}

/** A copy of the members, each read once. Throws: TypeError. */
function readMembers<Claims>(given: unknown): Requirement<Claims> {
  if (!isPlainObject(given))
    throw new TypeError('a requirement is an object such as { scope }; leave it out for any token')
  const requirement: Record<string, unknown> = {}
  for (const name of Reflect.ownKeys(given)) {
    if (typeof name !== 'string' || !members.has(name))
      throw new TypeError(`a route cannot require "${String(name)}"`)
    const value: unknown = Reflect.get(given, name)
    if (value === undefined) throw new TypeError(`a route requires ${name}, which is undefined`)
    requirement[name] = value
  }
  return requirement
}

function names(member: string, value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0) throw new TypeError(`${member} names nothing`)
  for (const name of list as readonly unknown[]) {
    if (typeof name !== 'string' || name === '') throw new TypeError(`${member} has an empty name`)
  }
  return [...list]
}

/**
 * One requirement that holds where two hold.
 * Throws: TypeError for two that ask for authentication contexts of which no sign-in has both.
 * Why: a request is judged once, because a proof of possession can be used once.
 */
export function joinRequirements<Claims>(
  one: PreparedRequirement<Claims>,
  other: PreparedRequirement<Claims>,
): PreparedRequirement<Claims> {
  const ages = [one.maxAgeSeconds, other.maxAgeSeconds].filter((age) => age !== undefined)
  const rules = [one.allow, other.allow].filter((rule) => rule !== undefined)
  return {
    isEmpty: one.isEmpty && other.isEmpty,
    scopes: [...one.scopes, ...other.scopes],
    roles: [...one.roles, ...other.roles],
    permissions: [...one.permissions, ...other.permissions],
    maxAgeSeconds: ages.length === 0 ? undefined : Math.min(...ages),
    acrs: common(one.acrs, other.acrs),
    allow: rules.length === 0 ? undefined : (caller) => rules.every((rule) => holds(rule(caller))),
  }
}

function common(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0 || other.length === 0) return [...one, ...other]
  const both = one.filter((acr) => other.includes(acr))
  if (both.length === 0) throw new TypeError('two acr are required that exclude each other')
  return both
}

/**
 * Only `true` does: a promise is no answer, although its type may have been talked into being one.
 * Why: nobody waits for such a promise, so its failure is taken here, or it would end the process.
 */
export function holds(verdict: unknown): boolean {
  if (verdict instanceof Promise) verdict.catch(() => undefined)
  return verdict === true
}
