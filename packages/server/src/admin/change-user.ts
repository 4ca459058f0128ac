import { ok } from '@countersign/jwt'
import { readProfile } from '../users/profile.ts'
import type { UserAccess, UserId, UserProfile } from '../store/port/user-records.ts'
import { refuseOperation, type OperatorDeps } from './operator.ts'
import {
  findUser,
  nameTaken,
  readAccess,
  readName,
  unknownUser,
  type UserOutcome,
} from './user-operator.ts'

/** A change of the access to one resource. A part that is absent stays as it is. */
export interface AccessChange {
  readonly audience: string
  /** Scopes with spaces between them; empty for none. */
  readonly scope?: string | undefined
  /** Roles with spaces between them; empty for none. */
  readonly roles?: string | undefined
}

/** More than the callers that change one user at once. Each round, one of them succeeds. */
const roundsMax = 200

/**
 * Changes scopes and roles of a user at one resource. Holders of older tokens must fetch new ones.
 * Refuses: `unknown` (user, resource), `malformed`, `too_many`, `lost`.
 * Why rounds: another operator may change the part that stays, and must not find it undone.
 */
export async function changeUserAccess(
  text: string,
  change: AccessChange,
  deps: OperatorDeps,
): UserOutcome<{ readonly id: UserId; readonly access: UserAccess }> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id } = found.value
  const { audience, scope, roles } = change
  for (let round = 0; round < roundsMax; round += 1) {
    const all = await deps.store.users.listAccess(id)
    const was = all.find((one) => one.audience === audience) ?? { scopes: [], roles: [] }
    const access = await readAccess(
      {
        audience,
        scope: scope ?? was.scopes.join(' '),
        roles: roles ?? was.roles.join(' '),
      },
      deps,
    )
    if (!access.ok) return access
    switch (await deps.store.users.setAccess(id, access.value, deps.audit, was)) {
      case 'unknown':
        return unknownUser(text)
      case 'no_resource':
        return refuseOperation(
          'lost',
          'The resource or a scope was removed meanwhile: run the command again.',
        )
      case 'changed':
      case 'same':
        return ok({ id, access: access.value })
      case 'stale':
      // Decided again from the present access.
    }
  }
  return lostTo(text)
}

function lostTo(text: string): ReturnType<typeof refuseOperation> {
  return refuseOperation('lost', `Others change ${text} at the same time: run the command again.`)
}

/** A claim of a profile, and its value or nothing. A part of the address is named `address.country`. */
export interface ClaimChange {
  readonly claim: string
  readonly value: string | null
}

/**
 * Changes claims of a profile; `null` removes one. Claims that are not named stay.
 * Refuses: `unknown`, `malformed`, `lost`.
 * Why rounds: another operator may change a claim that stays, and must not find it undone.
 */
export async function changeUserProfile(
  text: string,
  changes: readonly ClaimChange[],
  deps: OperatorDeps,
): UserOutcome<{ readonly id: UserId; readonly profile: UserProfile }> {
  for (let round = 0; round < roundsMax; round += 1) {
    const found = await findUser(text, deps)
    if (!found.ok) return found
    const { id, profile: was } = found.value
    const profile = readProfile(mergeClaims(was, changes))
    if (!profile.ok) return refuseOperation('malformed', profile.refusal.problems.join(' '))
    switch (await deps.store.users.setProfile(id, profile.value, deps.audit, was)) {
      case 'unknown':
        return unknownUser(text)
      case 'changed':
      case 'same':
        return ok({ id, profile: profile.value })
      case 'stale':
      // Decided again from the present profile.
    }
  }
  return lostTo(text)
}

function mergeClaims(before: UserProfile, changes: readonly ClaimChange[]): object {
  const prefix = 'address.'
  const inAddress = (claim: string) => claim.startsWith(prefix)
  const address = withChanges(
    before.address ?? {},
    changes
      .filter(({ claim }) => inAddress(claim))
      .map(({ claim, value }) => ({ claim: claim.slice(prefix.length), value })),
  )
  const claims = withChanges(
    before,
    changes.filter(({ claim }) => !inAddress(claim)),
  )
  const { address: _, ...others } = claims
  const isDropped = changes.some(({ claim, value }) => claim === 'address' && value === null)
  return isDropped || Object.keys(address).length === 0 ? others : { ...others, address }
}

function withChanges(
  before: object,
  changes: readonly ClaimChange[],
): Readonly<Record<string, unknown>> {
  const merged = new Map<string, unknown>(Object.entries(before))
  for (const { claim, value } of changes) {
    if (value === null) merged.delete(claim)
    else merged.set(claim, value)
  }
  return Object.fromEntries(merged)
}

/** Adds a name or an address to a user. */
export async function addUserName(
  text: string,
  typed: string,
  isVerified: boolean,
  deps: OperatorDeps,
): UserOutcome<{ readonly id: UserId; readonly added: string }> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id } = found.value
  const name = readName(typed)
  if (!name.ok) return name
  const { kind, shown } = name.value
  const added = { ...name.value, isVerified: isVerified && kind === 'address' }
  const outcome = await deps.store.users.addName(id, added, deps.audit)
  switch (outcome.outcome) {
    case 'unknown':
      return unknownUser(text)
    case 'too_many':
      return refuseOperation('too_many', 'The user has as many names as one may: drop one first.')
    case 'name_taken':
      return nameTaken(outcome)
    case 'added':
      return ok({ id, added: shown })
  }
}

/** Drops a name of a user. It stays reserved until the last token that shows it has expired. */
export async function dropUserName(
  text: string,
  typed: string,
  deps: OperatorDeps,
): UserOutcome<{ readonly id: UserId; readonly dropped: string }> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id } = found.value
  const name = readName(typed)
  if (!name.ok) return name
  switch (await deps.store.users.dropName(id, name.value.key, deps.audit)) {
    case 'unknown':
      return refuseOperation('unknown', 'The user has no such name.')
    case 'last':
      return refuseOperation('in_use', 'This is the only name of the user: add another first.')
    case 'dropped':
      return ok({ id, dropped: name.value.shown })
  }
}
