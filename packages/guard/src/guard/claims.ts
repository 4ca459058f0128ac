import { legible, ok, refuse, type Result } from '@countersign/jwt'
import { answerInTime, answerSecondsMax, type Later } from '../outbound/owners-code.ts'
import type { SchemaIssue, SchemaResult, StandardSchema } from '../policy/standard-schema.ts'

/** What the schema did not like, as a path in the owner's own words. */
export interface ClaimsRefusal {
  readonly path: string
}

type Checked<Claims> = Result<Claims, ClaimsRefusal>

/**
 * Asks the owner's schema about verified claims; synchronous where the schema is.
 * Throws: TypeError for an answer that is none; Error in the promise of one that takes longer than 3 seconds.
 * Why: only the path of the first issue is kept – its message may quote the value.
 */
export function checkClaims<Claims>(
  claims: unknown,
  schema: StandardSchema<Claims>,
  later: Later,
): Checked<Claims> | Promise<Checked<Claims>> {
  const result = schema['~standard'].validate(claims)
  // A promise of another library is one too.
  return 'then' in result
    ? answerInTime(() => result, answerSecondsMax, later).then(settle)
    : settle(result)
}

function settle<Claims>(result: SchemaResult<Claims>): Checked<Claims> {
  if (result.issues !== undefined) return refuse({ path: pathOf(result.issues[0]) })
  if (!('value' in result)) throw new TypeError('the schema gave neither a value nor issues')
  return ok(result.value)
}

function pathOf(issue: SchemaIssue | undefined): string {
  const path = (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  // A key of a record is a word of the token's.
  return path.length === 0 ? 'claims' : legible(path.join('.'), 128)
}

/** The value at a name or a path of names, own members only. */
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
 * Makes a list of a text, and gives the last list again for as long as the text is the same.
 * Why: callers of one API mostly bring the same audience and scopes, and the lists are frozen.
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

/** A list of texts, frozen, or an empty one when the claim is anything else. */
export function textList(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return none
  return value.every((entry) => typeof entry === 'string') ? Object.freeze(value) : none
}

/**
 * Freezes lists and plain objects all the way down. Tells whether requests may share the value: nothing else is in it.
 * Why: freezing does not stop the methods of a Set, a Map, a Date or a class, nor an accessor.
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

/** Freezes lists and plain objects all the way down, because they are shared by every request of their token. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value
  // Frozen before its members, so that a circle ends.
  Object.freeze(value)
  for (const name in value) deepFreeze(value[name])
  return value
}
