import { readProfile } from '../profile.ts'

/** A JSON object of a file. */
export type Members = Readonly<Record<string, unknown>>

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text of a member; `undefined` where it is absent, empty or no text. */
export function readTextMember(members: Members, name: string): string | undefined {
  const value = members[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function readListMember(members: Members, name: string): readonly unknown[] {
  const value = members[name]
  return Array.isArray(value) ? value : []
}

/** Whether a member says something. Exports are full of `null`, `""`, `[]` and `{}`. */
function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

/** The names of members that say something and that a reader does not know. */
export function unknownMembers(members: Members, known: ReadonlySet<string>): readonly string[] {
  return Object.entries(members)
    .filter(([name, value]) => !known.has(name) && saysSomething(value))
    .map(([name]) => name.slice(0, 64))
}

/** Keeps the claims that a profile may hold in their form; the others are left out by name. */
export function keepClaims(claims: Readonly<Record<string, string | undefined>>): {
  readonly profile: object
  readonly leftOut: readonly string[]
} {
  const given = Object.entries(claims).filter(([, value]) => value !== undefined && value !== '')
  const isKept = ([claim, value]: (typeof given)[number]) => readProfile({ [claim]: value }).ok
  return {
    profile: Object.fromEntries(given.filter(isKept)),
    leftOut: given.filter((one) => !isKept(one)).map(([claim]) => `${claim} (of another form)`),
  }
}
