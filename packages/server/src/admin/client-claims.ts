import type { JsonObject, JsonValue } from '@countersign/jwt'
import { ownClaims } from '../tokens/claims.ts'
import { wordsOf } from './words.ts'

/** Units: roles of a client; letters of a role or of the name of a claim. */
const rolesMax = 32
const nameLengthMax = 64
/** Units: bytes of JSON; members of all objects together; objects and arrays within each other. */
const claimBytesMax = 1_024
const membersMax = 32
const depthMax = 4

/** Says in a sentence why a client cannot have these roles; `undefined` where it can. */
export function objectToRoles(roles: readonly string[]): string | undefined {
  if (roles.length > rolesMax) return `A client has ${rolesMax} roles at most.`
  const odd = roles.find(
    (role) => role.length > nameLengthMax || role.includes(',') || wordsOf(role)?.length !== 1,
  )
  return odd === undefined
    ? undefined
    : `"${odd}" is no role: a role is 1 to ${nameLengthMax} visible ASCII characters without a comma, quote or backslash.`
}

/** Says in a sentence why a client cannot have these claims; `undefined` where it can. */
export function objectToClaims(claims: JsonObject): string | undefined {
  for (const name of Object.keys(claims)) {
    if (ownClaims.has(name) || reserved.has(name))
      return `The claim ${name} is reserved: the service writes it itself.`
    if (name === 'roles') return 'Roles are not a plain claim: give them as roles.'
    if (name === '' || name.length > nameLengthMax)
      return `The name of a claim has 1 to ${nameLengthMax} letters.`
  }
  if (depthOf(claims) > depthMax) return `Claims nest ${depthMax} levels deep at most.`
  if (countMembers(claims) > membersMax) return `A client has ${membersMax} claims at most.`
  const bytes = Buffer.byteLength(JSON.stringify(claims))
  return bytes > claimBytesMax
    ? `The claims of a client are ${claimBytesMax} bytes of JSON at most, and these are ${bytes}.`
    : undefined
}

/**
 * Claims that a token of a client cannot state: facts of a login, and members of an answer of introspection.
 * Source: RFC 9068 §2.2.1; OpenID Connect Core §2; RFC 7662 §2.2.
 */
const reserved: ReadonlySet<string> = new Set(
  'acr amr auth_time azp nonce at_hash c_hash s_hash events active token_type'.split(' '),
)

function depthOf(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value)
  const own = Array.isArray(value) ? 0 : inner.length
  return inner.reduce<number>((sum, member) => sum + countMembers(member), own)
}
