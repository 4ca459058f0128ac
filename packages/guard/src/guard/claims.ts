import { legible, ok, refuse, type Result } from '@countersign/jwt'
import { answerInTime, answerSecondsMax, type Later } from '../outbound/owners-code.ts'
import type { SchemaIssue, SchemaResult, StandardSchema } from '../policy/standard-schema.ts'

/** The path of the claim that the schema refused. */
export interface ClaimsRefusal {
  readonly path: string
}

type Checked<Claims> = Result<Claims, ClaimsRefusal>

/**
 * Checks verified claims with the owner's schema, synchronously if the schema is synchronous.
 * Throws: TypeError for an invalid answer; Error in the promise of one that takes longer than 3 seconds.
 * Why: only the path of the first issue is kept, because its message may quote the value.
 */
export function checkClaims<Claims>(
  claims: unknown,
  schema: StandardSchema<Claims>,
  later: Later,
): Checked<Claims> | Promise<Checked<Claims>> {
  const result = schema['~standard'].validate(claims)
  // The promise may come from another library.
  return 'then' in result
    ? answerInTime(() => result, answerSecondsMax, later).then(readResult)
    : readResult(result)
}

function readResult<Claims>(result: SchemaResult<Claims>): Checked<Claims> {
  if (result.issues !== undefined) return refuse({ path: pathOf(result.issues[0]) })
  if (!('value' in result)) throw new TypeError('the schema returned neither a value nor issues')
  return ok(result.value)
}

function pathOf(issue: SchemaIssue | undefined): string {
  const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  // A key of a record comes from the token.
  return path.length === 0 ? 'claims' : legible(path.join('.'), 128)
}

/** Returns the value at a name or a path of names. It reads own members only. */
export function claimAt(claims: object, path: string | readonly string[]): unknown {
  if (typeof path === 'string') return memberOf(claims, path)
  let value: unknown = claims
  for (const name of path) value = memberOf(value, name)
  return value
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

const none: readonly string[] = Object.freeze([])

/**
 * Makes a list of a text, and returns the last list again while the text is the same.
 * Why: callers of one API mostly have the same audience and scopes, and the lists are frozen.
 */
export function keepLast(
  listOf: (text: string) => readonly string[],
): (text: string) => readonly string[] {
  let last = ''
  let list = Object.freeze(listOf(last))
  return (text) => {
    if (text !== last) {
      list = Object.freeze(listOf(text))
      last = text
    }
    return list
  }
}

/** Freezes and returns a list of texts. Returns an empty list for any other value. */
export function textList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return none
  return value.every((entry) => typeof entry === 'string') ? Object.freeze(value) : none
}

/**
 * Freezes lists and plain objects, with all that are in them. Returns whether requests may share the value, because it
 * has no other objects.
 * Why: a frozen Set, Map, Date, class or accessor can still change.
 */
export function freezeForAll(value: unknown, visited = new Set<object>()): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null || visited.has(value)) return true
  visited.add(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = Array.isArray(value)
    ? prototype === Array.prototype
    : prototype === Object.prototype || prototype === null
  if (!isPlain) return false
  Object.freeze(value)
  let isShared = true
  for (const name of Reflect.ownKeys(value)) {
    const member = Reflect.getOwnPropertyDescriptor(value, name)
    if (member?.get !== undefined || !freezeForAll(member?.value, visited)) isShared = false
  }
  return isShared
}

/** Freezes lists and plain objects, with all that are in them, because all requests with the token share them. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  // It is frozen before its members, so that a circle ends.
  Object.freeze(value)
  for (const name in value) deepFreeze(value[name])
  return value
}
