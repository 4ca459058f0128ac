import { ok, type Result } from '@countersign/jwt'
import {
  isMembers,
  keepClaims,
  readListMember,
  readTextMember,
  unknownMembers,
  type Members,
} from './members.ts'
import type { SourceProblem, SourceUser } from './source-user.ts'

/** Members that are read, or that say nothing about the person which must be kept. */
const known: ReadonlySet<string> = new Set([
  '_id',
  'user_id',
  'email',
  'email_verified',
  'username',
  'phone_number',
  'phone_verified',
  'passwordHash',
  'password_set_date',
  'name',
  'given_name',
  'family_name',
  'nickname',
  'picture',
  'created_at',
  'updated_at',
  'last_login',
  'last_ip',
  'logins_count',
  'blocked',
  'last_password_reset',
  'identities',
  'multifactor',
  'mfa_factors',
  'tenant',
  'connection',
  'version',
  'identifiers',
  '_tmp_is_unique',
  'migrated',
  '__v',
])

/**
 * Reads a line of an export of Auth0: of the job for users, of the file with password hashes, or of both together.
 * Source: the documentation of Auth0 on bulk user exports and on password hashes.
 */
export function readAuth0(members: Members): Result<SourceUser, readonly SourceProblem[]> {
  const [email, username] = [readTextMember(members, 'email'), readTextMember(members, 'username')]
  const { profile, leftOut } = keepClaims({
    name: readTextMember(members, 'name'),
    given_name: readTextMember(members, 'given_name'),
    family_name: readTextMember(members, 'family_name'),
    nickname: readTextMember(members, 'nickname'),
    picture: readTextMember(members, 'picture'),
    phone_number: readTextMember(members, 'phone_number'),
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
    createdAt: readTextMember(members, 'created_at'),
    profile,
    hash: readTextMember(members, 'passwordHash'),
    mustChange: false,
    access: [],
    leftOut: [
      ...leftOut,
      ...otherProviders(members),
      ...(readListMember(members, 'multifactor').length +
        readListMember(members, 'mfa_factors').length >
      0
        ? ['second factors']
        : []),
      ...unknownMembers(members, known),
    ],
  })
}

/** The file with password hashes has the id without the word in front. */
function idOf(members: Members): string | undefined {
  const id = members['_id']
  const bare = isMembers(id) ? readTextMember(id, '$oid') : undefined
  return readTextMember(members, 'user_id') ?? (bare === undefined ? undefined : `auth0|${bare}`)
}

function otherProviders(members: Members): readonly string[] {
  const providers = readListMember(members, 'identities')
    .filter(isMembers)
    .map((identity) => readTextMember(identity, 'provider') ?? 'unknown')
    .filter((provider) => provider !== 'auth0')
  return [...new Set(providers)].map((provider) => `sign-in with ${provider.slice(0, 64)}`)
}
