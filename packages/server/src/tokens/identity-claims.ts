import type { UserProfile, UserRecord } from '../store/port/user-records.ts'

/** The scopes that give claims about a person. Source: OpenID Connect Core 1.0 §5.4. */
export const identityScopes = ['openid', 'profile', 'email', 'address', 'phone'] as const

const claimsOfScope: Readonly<Record<string, readonly string[]>> = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
}

/** The names of all claims about a person that this service can give. */
export const identityClaimNames: readonly string[] = Object.values(claimsOfScope).flat()

/** Whether a scope gives claims about a person, and belongs to no resource. */
export function isIdentityScope(scope: string): boolean {
  return identityScopes.some((one) => one === scope)
}

/** Gives the names of the claims of some scopes, and those that were asked for by name. */
export function claimNamesOf(
  scopes: readonly string[],
  asked: readonly string[],
): readonly string[] {
  const byScope = scopes.flatMap((scope) => claimsOfScope[scope] ?? [])
  const byName = asked.filter((name) => identityClaimNames.includes(name))
  return [...new Set([...byScope, ...byName])]
}

/**
 * Gives the claims about a person, without those that are unknown.
 * Why an address that is not verified is left out: others would take it for the address of this person.
 * Source: OpenID Connect Core 1.0 §5.1.
 */
export function identityClaims(
  { profile, profileAt, names }: Pick<UserRecord, 'profile' | 'profileAt' | 'names'>,
  wanted: readonly string[],
): Readonly<Record<string, unknown>> {
  const address = names.find(({ kind, verifiedAt }) => kind === 'address' && verifiedAt !== null)
  const username = names.find(({ kind }) => kind === 'username')
  const known: Readonly<Record<string, unknown>> = {
    ...withDefaults(profile, username?.shown),
    updated_at: Math.floor(profileAt),
    ...(address && { email: address.shown, email_verified: true }),
    ...(profile.phone_number !== undefined && { phone_number_verified: false }),
  }
  const claims: Record<string, unknown> = {}
  for (const name of wanted) if (known[name] !== undefined) claims[name] = known[name]
  return claims
}

function withDefaults(profile: UserProfile, username: string | undefined): UserProfile {
  return { preferred_username: username, ...profile }
}
