import { ok, refuse, type Result } from '@countersign/jwt'
import type { FirebaseHashConfig } from './firebase-hash-config.ts'
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
  'localId',
  'email',
  'emailVerified',
  'passwordHash',
  'salt',
  'version',
  'displayName',
  'photoUrl',
  'createdAt',
  'lastSignedInAt',
  'lastLoginAt',
  'lastRefreshAt',
  'phoneNumber',
  'disabled',
  'providerUserInfo',
  'mfaInfo',
  'validSince',
  'passwordUpdatedAt',
  'tenantId',
])

/** Base64 of REDACTED: who exported may not read hashes. */
const hiddenHash = 'UkVEQUNURUQ='

/**
 * Reads a user of `firebase auth:export --format=json`.
 * Refuses: a user with a hash where the configuration of hashes is absent, and a hash that Firebase hid.
 * Source: the documentation of the Firebase CLI (auth:export).
 */
export function readFirebase(
  members: Members,
  config: FirebaseHashConfig | undefined,
): Result<SourceUser, readonly SourceProblem[]> {
  const tag = readTextMember(members, 'passwordHash')
  if (tag === hiddenHash)
    return refuse([
      {
        member: 'passwordHash',
        sentence: 'Firebase hid the hash: export with a role that may read hashes.',
      },
    ])
  if (tag !== undefined && config === undefined)
    return refuse([
      {
        member: 'passwordHash',
        sentence:
          'The hash needs the parameters of the project: give their file with --hash-config.',
      },
    ])
  const email = readTextMember(members, 'email')
  const isVerified = members['emailVerified'] === true
  const { profile, leftOut } = keepClaims({
    name: readTextMember(members, 'displayName'),
    picture: readTextMember(members, 'photoUrl'),
    phone_number: readTextMember(members, 'phoneNumber'),
  })
  return ok({
    id: readTextMember(members, 'localId'),
    names: email === undefined ? [] : [{ member: 'email', text: email, isVerified }],
    isDisabled: members['disabled'] === true,
    createdAt: secondsOf(members['createdAt']),
    profile,
    hash: tag === undefined ? undefined : config?.spell(readTextMember(members, 'salt') ?? '', tag),
    mustChange: false,
    access: [],
    leftOut: [
      ...leftOut,
      ...providersOf(members),
      ...(readListMember(members, 'mfaInfo').length > 0 ? ['second factors'] : []),
      ...unknownMembers(members, known),
    ],
  })
}

/** Firebase counts milliseconds, as a text of digits. */
function secondsOf(value: unknown): number | undefined {
  const milliseconds = typeof value === 'string' || typeof value === 'number' ? Number(value) : NaN
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1_000) : undefined
}

function providersOf(members: Members): readonly string[] {
  const providers = readListMember(members, 'providerUserInfo')
    .filter(isMembers)
    .map((info) => readTextMember(info, 'providerId') ?? 'unknown')
    .filter((provider) => provider !== 'password')
  return [...new Set(providers)].map((provider) => `sign-in with ${provider.slice(0, 64)}`)
}
