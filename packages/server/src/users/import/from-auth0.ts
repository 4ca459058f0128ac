import { ok, type Result } from '@countersign/jwt'
import { isMembers, keepClaims, listOf, textOf, unknownMembers, type Members } from './members.ts'
import type { SourceProblem, SourceUser } from './source-user.ts'

/** Members that are read, or that say nothing about the person which must be kept. */
const known = new Set([
  ...['_id', 'user_id', 'email', 'email_verified', 'username', 'phone_number', 'phone_verified'],
  ...['passwordHash', 'password_set_date', 'name', 'given_name', 'family_name', 'nickname'],
  ...['picture', 'created_at', 'updated_at', 'last_login', 'last_ip', 'logins_count', 'blocked'],
  ...['last_password_reset', 'identities', 'multifactor', 'mfa_factors', 'tenant', 'connection'],
  ...['version', 'identifiers', '_tmp_is_unique', 'migrated', '__v'],
])

/**
 * Reads a line of an export of Auth0: of the job for users, of the file with password hashes, or of both together.
 * Source: the documentation of Auth0 on bulk user exports and on password hashes.
 */
export function readAuth0(members: Members): Result<SourceUser, readonly SourceProblem[]> {
  const [email, username] = [textOf(members, 'email'), textOf(members, 'username')]
  const { profile, leftOut } = keepClaims({
    name: textOf(members, 'name'),
    given_name: textOf(members, 'given_name'),
    family_name: textOf(members, 'family_name'),
    nickname: textOf(members, 'nickname'),
    picture: textOf(members, 'picture'),
    phone_number: textOf(members, 'phone_number'),
  })
  const isVerified = members['email_verified'] === true
  return ok({
    id: idOf(members),
    names: [
      ...(username === undefined
        ? []
        : [{ member: 'username', text: username, isVerified: false }]),
      ...(email === undefined ? [] : [{ member: 'email', text: email, isVerified }]),
    ],
    isDisabled: members['blocked'] === true,
    createdAt: textOf(members, 'created_at'),
    profile,
    hash: textOf(members, 'passwordHash'),
    mustChange: false,
    access: [],
    leftOut: [
      ...leftOut,
      ...otherProviders(members),
      ...(listOf(members, 'multifactor').length + listOf(members, 'mfa_factors').length > 0
        ? ['second factors']
        : []),
      ...unknownMembers(members, known),
    ],
  })
}

/** The file with password hashes has the id without the word in front. */
function idOf(members: Members): string | undefined {
  const id = members['_id']
  const bare = isMembers(id) ? textOf(id, '$oid') : undefined
  return textOf(members, 'user_id') ?? (bare === undefined ? undefined : `auth0|${bare}`)
}

function otherProviders(members: Members): readonly string[] {
  const providers = listOf(members, 'identities')
    .filter(isMembers)
    .map((identity) => textOf(identity, 'provider') ?? 'unknown')
    .filter((provider) => provider !== 'auth0')
  return [...new Set(providers)].map((provider) => `sign-in with ${provider.slice(0, 64)}`)
}
