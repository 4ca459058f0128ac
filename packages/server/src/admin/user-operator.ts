import { ok, type Result } from '@countersign/jwt'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import type { NameKey, UserAccess, UserId, UserRecord } from '../store/port/user-records.ts'
import { parseScope } from '../grants/select-access.ts'
import { explainName } from '../users/explain-name.ts'
import { foldName } from '../users/fold-name.ts'
import type { FoldedName } from '../users/folded-name.ts'
import type { PasswordRules } from '../users/password-rules.ts'
import { missingResource, missingScope } from './missing-access.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** The services of operations on users. */
export interface UserOperatorDeps extends OperatorDeps {
  readonly passwords: PasswordHasher
  readonly rules: PasswordRules
  /** The issuer, whose host is no password. */
  readonly issuer: string | undefined
}

/** The outcome of an operation on users. */
export type UserOutcome<T> = Promise<Result<T, OperationRefusal>>

const idPrefix = 'id:'

/**
 * Finds a user by the id, or by a name in any spelling. With `id:` in front, the rest is an id.
 * Refuses: `unknown`; `malformed` for a text that is the id of one user and the name of another.
 * Why: an imported id may be any text, and another user may have it as a name.
 */
export async function findUser(text: string, { store }: OperatorDeps): UserOutcome<UserRecord> {
  if (text.startsWith(idPrefix)) {
    const exact = await store.users.find(text.slice(idPrefix.length) as UserId)
    return exact === undefined ? unknownUser(text) : ok(exact)
  }
  const byId = await store.users.find(text as UserId)
  const name = readName(text)
  const byName = name.ok ? (await store.users.findByName(name.value.key))?.user : undefined
  if (byId !== undefined && byName !== undefined && byId.id !== byName.id)
    return refuseOperation(
      'malformed',
      `${text} is the id of one user and the name of another: write ${idPrefix}${text} for the first, or another name of the second.`,
    )
  const found = byId ?? byName
  return found === undefined ? unknownUser(text) : ok(found)
}

export function unknownUser(text: string) {
  const shown = Array.from(text).every((sign) => sign > ' ' && sign <= '~') ? ` ${text}` : ''
  return refuseOperation('unknown', `There is no user${shown}: see "countersign users list".`)
}

/** Folds a name, or says why it is none. */
export function readName(text: string): Result<FoldedName, OperationRefusal> {
  const folded = foldName(text)
  return folded.ok ? folded : refuseOperation('malformed', explainName(folded.refusal))
}

/** Says that a name is taken, and until when where nobody has it. */
export function nameTaken({ key, freeAt }: { key: NameKey; freeAt: number | null }) {
  return refuseOperation(
    'exists',
    freeAt === null
      ? `${key} is the name of another user.`
      : `${key} was the name of another user, and tokens may still show it: it is free from ${new Date(freeAt * 1_000).toISOString()} on.`,
  )
}

/** The wanted access to one resource, in words. */
export interface WantedAccess {
  readonly audience: string
  /** Scopes with spaces between them. */
  readonly scope: string
  /** Roles with spaces between them. */
  readonly roles: string
}

const rolesMax = 50
const roleLengthMax = 128

/** Reads the wanted access; the scopes must be of the resource. */
export async function readAccess(
  { audience, scope, roles }: WantedAccess,
  { store }: OperatorDeps,
): UserOutcome<UserAccess> {
  const resource = await store.resources.find(audience)
  if (resource === undefined) return missingResource(audience)
  const scopes = scope === '' ? [] : parseScope(scope)
  const beyond = scopes?.find((name) => !resource.scopes.includes(name))
  if (scopes === undefined || beyond !== undefined) return missingScope(resource, beyond ?? scope)
  const names = roles === '' ? [] : parseScope(roles)
  const isRole = (name: string) => name.length <= roleLengthMax && !name.includes(',')
  if (names === undefined || !names.every(isRole))
    return refuseOperation(
      'malformed',
      `Roles are words of visible ASCII letters without a comma, with a space between them, ${roleLengthMax} letters each at most.`,
    )
  if (names.length > rolesMax)
    return refuseOperation('too_many', `A user has ${rolesMax} roles at a resource at most.`)
  return ok({ audience, scopes: [...new Set(scopes)], roles: [...new Set(names)] })
}
