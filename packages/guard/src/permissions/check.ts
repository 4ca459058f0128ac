import { legible, type EpochSeconds } from '@countersign/jwt'
import type { Admission } from '../policy/admission.ts'
import type { GuardRefusal } from '../refusal.ts'
import { isTrue, type PreparedRequirement } from './requirement.ts'

/**
 * Decides whether a caller may use a route. Returns undefined if so.
 * Refuses: `insufficient_scope`, `insufficient_role`, `insufficient_permission`, `authentication_too_old`,
 * `authentication_too_weak`, `denied_by_rule`.
 * Throws: any error of the owner's own rule. The guard makes it a refusal.
 * Source: RFC 6750 §3.1; RFC 9470 §3.
 */
export function checkRequirement<Claims>(
  caller: Admission<Claims>,
  requirement: PreparedRequirement<Claims>,
  now: EpochSeconds,
): GuardRefusal | undefined {
  if (requirement.isEmpty) return undefined
  const { scopes, roles, permissions, acrs, maxAgeSeconds, allow } = requirement
  const { tokenId } = caller
  const about =
    tokenId === undefined ? { proven: true } : { proven: true, jti: legible(tokenId, 128) }
  if (!hasAll(caller.scopes, scopes))
    return { ...about, reason: 'insufficient_scope', required: scopes, held: shown(caller.scopes) }
  for (const anyOf of roles) {
    if (!anyOf.some((role) => caller.roles.includes(role)))
      return {
        ...about,
        reason: 'insufficient_role',
        required: anyOf,
        held: shown(caller.roles),
      }
  }
  if (!hasAll(caller.permissions, permissions))
    return {
      ...about,
      reason: 'insufficient_permission',
      required: permissions,
      held: shown(caller.permissions),
    }
  if (acrs.length > 0 && (caller.acr === undefined || !acrs.includes(caller.acr)))
    return {
      ...about,
      reason: 'authentication_too_weak',
      required: acrs,
      ...(caller.acr === undefined ? {} : { held: legible(caller.acr, lettersMax) }),
    }
  if (maxAgeSeconds !== undefined && !isRecent(caller.authenticatedAt, maxAgeSeconds, now))
    return { ...about, reason: 'authentication_too_old', maxAgeSeconds, ...login(caller, now) }
  if (allow !== undefined && !isTrue(allow(caller))) return { ...about, reason: 'denied_by_rule' }
  return undefined
}

/** The names that a caller holds, as a log line may hold them. */
function shown(names: readonly string[]): readonly string[] {
  return names.slice(0, namesMax).map((name) => legible(name, lettersMax))
}

function login({ authenticatedAt }: Pick<Admission, 'authenticatedAt'>, now: EpochSeconds) {
  return authenticatedAt === undefined ? { now } : { authenticatedAt, now }
}

/** Units: names of one fact; letters of a name. */
const namesMax = 32
const lettersMax = 128

function hasAll(held: readonly string[], asked: readonly string[]): boolean {
  for (const name of asked) if (!held.includes(name)) return false
  return true
}

function isRecent(at: EpochSeconds | undefined, maxAgeSeconds: number, now: EpochSeconds): boolean {
  return at !== undefined && now - at <= maxAgeSeconds
}
