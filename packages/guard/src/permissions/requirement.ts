import type { Admission } from '../policy/admission.ts'
import { isPlainObject } from '../policy/plain-object.ts'

/** The conditions of one route, besides a valid token. Every present member must hold. */
export interface Requirement<Claims> {
  /** The caller needs all of these scopes. A string is split at single spaces. */
  readonly scope?: string | readonly string[]
  /** The caller needs at least one of these roles. */
  readonly role?: string | readonly string[]
  /** The caller needs all of these permissions. */
  readonly permission?: string | readonly string[]
  /** The largest age of the sign-in. Units: seconds. */
  readonly maxAgeSeconds?: number
  /** The sign-in needs one of these authentication contexts. */
  readonly acr?: string | readonly string[]
  /** The owner's own rule. Only `true` permits; a promise denies. */
  readonly allow?: (caller: Admission<Claims>) => boolean
}

/** A checked requirement, with each member as a list. */
export interface PreparedRequirement<Claims> {
  readonly isEmpty: boolean
  readonly scopes: readonly string[]
  /** The caller needs at least one role of each list. */
  readonly roles: readonly (readonly string[])[]
  readonly permissions: readonly string[]
  readonly maxAgeSeconds: number | undefined
  readonly acrs: readonly string[]
  readonly allow: ((caller: Admission<Claims>) => boolean) | undefined
}

const memberNames: ReadonlySet<string> = new Set([
  'scope',
  'role',
  'permission',
  'maxAgeSeconds',
  'acr',
  'allow',
])

/**
 * Checks a route's requirement and makes each member a list. Without an argument, or with `{}`, any valid token is
 * enough.
 * Throws: TypeError for a requirement that is no plain object, and for a member that is unknown, undefined, empty or
 * of another type.
 * Why: a misspelt name must not open a route.
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
    scopes: readNames('scope', requirement.scope).flatMap((text) => text.split(' ')),
    roles: requirement.role === undefined ? [] : [readNames('role', requirement.role)],
    permissions: readNames('permission', requirement.permission),
    maxAgeSeconds,
    acrs: readNames('acr', requirement.acr),
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

/** Copies the members and reads each once. Throws: TypeError. */
function readMembers<Claims>(given: unknown): Requirement<Claims> {
  if (!isPlainObject(given))
    throw new TypeError('a requirement is an object such as { scope }; leave it out for any token')
  const requirement: Record<string, unknown> = {}
  for (const name of Reflect.ownKeys(given)) {
    if (typeof name !== 'string' || !memberNames.has(name))
      throw new TypeError(
        `a route cannot require "${String(name)}"; it can require ${[...memberNames].join(', ')}`,
      )
    const value: unknown = Reflect.get(given, name)
    if (value === undefined) throw new TypeError(`a route requires ${name}, which is undefined`)
    requirement[name] = value
  }
  return requirement
}

function readNames(
  member: string,
  value: string | readonly string[] | undefined,
): readonly string[] {
  if (value === undefined) return []
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0) throw new TypeError(`${member} names nothing`)
  for (const name of list as readonly unknown[]) {
    if (typeof name !== 'string' || name === '') throw new TypeError(`${member} has an empty name`)
  }
  return [...list]
}

/**
 * Joins two requirements to one that is met if both are.
 * Throws: TypeError if no authentication context satisfies both.
 * Why: a request is checked once, because a proof of possession can be used once.
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
    acrs: commonAcrs(one.acrs, other.acrs),
    allow: rules.length === 0 ? undefined : (caller) => rules.every((rule) => isTrue(rule(caller))),
  }
}

function commonAcrs(one: readonly string[], other: readonly string[]): readonly string[] {
  if (one.length === 0 || other.length === 0) return [...one, ...other]
  const both = one.filter((acr) => other.includes(acr))
  if (both.length === 0) throw new TypeError('two required acr exclude each other')
  return both
}

/**
 * Returns whether a rule permitted. Only `true` does; a promise does not, even behind a type assertion.
 * Why: no code awaits such a promise. Its rejection is caught here, because it would end the process.
 */
export function isTrue(verdict: unknown): boolean {
  if (verdict instanceof Promise) verdict.catch(() => undefined)
  return verdict === true
}
