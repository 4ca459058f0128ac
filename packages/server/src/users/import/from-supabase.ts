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

const known: ReadonlySet<string> = new Set([
  'id',
  'email',
  'encrypted_password',
  'email_confirmed_at',
  'confirmed_at',
  'banned_until',
  'deleted_at',
  'created_at',
  'updated_at',
  'last_sign_in_at',
  'invited_at',
  'phone',
  'aud',
  'phone_confirmed_at',
  'raw_user_meta_data',
  'raw_app_meta_data',
  'role',
  'instance_id',
  'is_anonymous',
  'is_sso_user',
  'confirmation_token',
  'confirmation_sent_at',
  'recovery_token',
  'recovery_sent_at',
  'email_change',
  'email_change_sent_at',
  'email_change_token_new',
  'email_change_token_current',
  'email_change_confirm_status',
  'phone_change',
  'phone_change_token',
  'phone_change_sent_at',
  'reauthentication_token',
  'reauthentication_sent_at',
  'is_super_admin',
])

/** Members of the metadata that become claims. */
const knownMetadata: ReadonlySet<string> = new Set([
  'full_name',
  'name',
  'avatar_url',
  'picture',
  'user_name',
  'preferred_username',
  'sub',
  'email',
  'email_verified',
  'phone_verified',
  'iss',
  'provider_id',
])

/**
 * Reads a row of `auth.users` of Supabase, as JSON.
 * Source: the schema `auth` of Supabase.
 */
export function readSupabase(
  members: Members,
  nowMs: number,
): Result<SourceUser, readonly SourceProblem[]> {
  const email = readTextMember(members, 'email')
  const isVerified = readTextMember(members, 'email_confirmed_at') !== undefined
  const metadata = membersOf(members, 'raw_user_meta_data')
  const phone = readTextMember(members, 'phone')
  const { profile, leftOut } = keepClaims({
    name: readTextMember(metadata, 'full_name') ?? readTextMember(metadata, 'name'),
    picture: readTextMember(metadata, 'avatar_url') ?? readTextMember(metadata, 'picture'),
    preferred_username:
      readTextMember(metadata, 'preferred_username') ?? readTextMember(metadata, 'user_name'),
    phone_number: phone === undefined || phone.startsWith('+') ? phone : `+${phone}`,
  })
  return ok({
    id: readTextMember(members, 'id'),
    names: email === undefined ? [] : [{ member: 'email', text: email, isVerified }],
    isDisabled: Date.parse(readTextMember(members, 'banned_until') ?? '') > nowMs,
    createdAt: readTextMember(members, 'created_at'),
    profile,
    hash: readTextMember(members, 'encrypted_password'),
    mustChange: false,
    access: [],
    skippedAs: skippedAs(members),
    leftOut: [
      ...leftOut,
      ...providersOf(members),
      ...unknownMembers(metadata, knownMetadata).map((name) => `raw_user_meta_data.${name}`),
      ...(members['is_super_admin'] === true ? ['is_super_admin'] : []),
      ...unknownMembers(members, known),
    ],
  })
}

function skippedAs(members: Members): string | undefined {
  if (readTextMember(members, 'deleted_at') !== undefined) return 'deleted users'
  return members['is_anonymous'] === true ? 'anonymous users' : undefined
}

function providersOf(members: Members): readonly string[] {
  return readListMember(membersOf(members, 'raw_app_meta_data'), 'providers')
    .filter((provider) => typeof provider === 'string')
    .filter((provider) => provider !== 'email' && provider !== 'phone')
    .map((provider) => `sign-in with ${provider.slice(0, 64)}`)
}

function membersOf(members: Members, name: string): Members {
  const value = members[name]
  return isMembers(value) ? value : {}
}
