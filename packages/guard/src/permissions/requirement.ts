import type { Admission } from '../policy/admission.ts'

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
  readonly roles: readonly string[]
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
 * Unfolds a route's requirement.
 * Throws: TypeError for a member it does not know, an empty list, or an empty name; a typing error must not open a route.
 */
export function prepareRequirement<Claims>(
  requirement: Requirement<Claims> = {},
): PreparedRequirement<Claims> {
  for (const name of Object.keys(requirement)) {
    if (!members.has(name)) throw new TypeError(`a route cannot require "${name}"`)
  }
  const { maxAgeSeconds, allow } = requirement
  if (maxAgeSeconds !== undefined && !(Number.isFinite(maxAgeSeconds) && maxAgeSeconds >= 0))
    throw new TypeError('maxAgeSeconds must be a number of seconds')
  if (allow !== undefined && typeof allow !== 'function')
    throw new TypeError('allow must be a function')
  const prepared = {
    scopes: names('scope', requirement.scope).flatMap((text) => text.split(' ')),
    roles: names('role', requirement.role),
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

function names(member: string, value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  const list = typeof value === 'string' ? [value] : value
  if (!Array.isArray(list) || list.length === 0) throw new TypeError(`${member} names nothing`)
  for (const name of list as readonly unknown[]) {
    if (typeof name !== 'string' || name === '') throw new TypeError(`${member} has an empty name`)
  }
  return list
}

/**
 * One requirement that holds where two hold. Of two lists of which one entry is enough, the common entries count.
 * Why: a request is judged once, because a proof of possession can be used once.
 */
export function joinRequirements<Claims>(
  one: Requirement<Claims>,
  other: Requirement<Claims>,
): Requirement<Claims> {
  const ages = [one.maxAgeSeconds, other.maxAgeSeconds].filter((age) => age !== undefined)
  const rules = [one.allow, other.allow].filter((rule) => rule !== undefined)
  return {
    ...one,
    ...other,
    ...joined('scope', [...listOf(one.scope), ...listOf(other.scope)]),
    ...joined('permission', [...listOf(one.permission), ...listOf(other.permission)]),
    ...common('role', one.role, other.role),
    ...common('acr', one.acr, other.acr),
    ...(ages.length === 0 ? {} : { maxAgeSeconds: Math.min(...ages) }),
    ...(rules.length === 0
      ? {}
      : { allow: (caller) => rules.every((rule) => holds(rule(caller))) }),
  }
}

/**
 * Only `true` does: a promise is no answer, although its type may have been talked into being one.
 * Why: nobody waits for such a promise, so its failure is taken here, or it would end the process.
 */
export function holds(verdict: unknown): boolean {
  if (verdict instanceof Promise) verdict.catch(() => undefined)
  return verdict === true
}

function listOf(names: string | readonly string[] | undefined): readonly string[] {
  return typeof names === 'string' ? [names] : (names ?? [])
}

function joined(
  member: string,
  list: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  return list.length === 0 ? {} : { [member]: list }
}

function common(
  member: string,
  one: string | readonly string[] | undefined,
  other: string | readonly string[] | undefined,
): Readonly<Record<string, readonly string[]>> {
  if (one === undefined || other === undefined) return {}
  const shared = listOf(one).filter((name) => listOf(other).includes(name))
  return { [member]: shared }
}
