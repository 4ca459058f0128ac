import { ok, refuse, parseStrictJson, type Result } from '@countersign/jwt'
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
  'username',
  'email',
  'emailVerified',
  'enabled',
  'createdTimestamp',
  'firstName',
  'lastName',
  'credentials',
  'requiredActions',
  'federatedIdentities',
  'notBefore',
  'totp',
  'disableableCredentialTypes',
  'access',
  'self',
  'origin',
  'serviceAccountClientId',
])

/**
 * Reads a user of an export of a Keycloak realm.
 * Refuses: a password whose parts are no JSON, or that was hashed in a way that is not supported.
 * Source: `UserRepresentation` and `CredentialRepresentation` of Keycloak.
 */
export function readKeycloak(members: Members): Result<SourceUser, readonly SourceProblem[]> {
  const [username, email] = [readTextMember(members, 'username'), readTextMember(members, 'email')]
  const credentials = readListMember(members, 'credentials').filter(isMembers)
  const password = credentials.find((one) => one['type'] === 'password')
  const hash = password === undefined ? ok(undefined) : spellHash(password)
  if (!hash.ok) return hash
  const { profile, leftOut } = keepClaims({
    name: [readTextMember(members, 'firstName'), readTextMember(members, 'lastName')]
      .filter(Boolean)
      .join(' '),
    given_name: readTextMember(members, 'firstName'),
    family_name: readTextMember(members, 'lastName'),
  })
  const actions = readListMember(members, 'requiredActions').filter(
    (one) => typeof one === 'string',
  )
  const isVerified = members['emailVerified'] === true
  const created = members['createdTimestamp']
  return ok({
    id: readTextMember(members, 'id'),
    names: [
      ...(username === undefined
        ? []
        : [{ member: 'username', text: username, isVerified: false }]),
      ...(email === undefined ? [] : [{ member: 'email', text: email, isVerified }]),
    ],
    isDisabled: members['enabled'] === false,
    createdAt: typeof created === 'number' ? Math.floor(created / 1_000) : undefined,
    profile,
    hash: hash.value,
    mustChange: actions.includes('UPDATE_PASSWORD') || password?.['temporary'] === true,
    access: [],
    skippedAs:
      readTextMember(members, 'serviceAccountClientId') === undefined
        ? undefined
        : 'service accounts',
    leftOut: [
      ...leftOut,
      ...otherCredentials(credentials),
      ...providersOf(members),
      ...actions
        .filter((action) => !['UPDATE_PASSWORD', 'VERIFY_EMAIL'].includes(action))
        .map((action) => `required action ${action.slice(0, 64)}`),
      ...unknownMembers(members, known),
    ],
  })
}

/** Writes the parts of a password as one text, which `readForeignHash` reads. */
function spellHash(password: Members): Result<string | undefined, readonly SourceProblem[]> {
  const secret = readInner(password, 'secretData')
  const data = readInner(password, 'credentialData')
  if (secret === undefined || data === undefined)
    return refuse([
      {
        member: 'credentials',
        sentence: 'The password has no secretData and credentialData in JSON.',
      },
    ])
  const { value, salt } = secret
  const { hashIterations: rounds, algorithm } = data
  const [scheme, settings] = wayOf(String(algorithm), Number(rounds), data['additionalParameters'])
  return ok(`$${scheme}$${settings}$${String(salt)}$${String(value)}`)
}

/** The name and the settings of PHC for an algorithm of Keycloak. An unknown one keeps its name, which nobody reads. */
function wayOf(algorithm: string, rounds: number, more: unknown): readonly [string, string] {
  if (algorithm !== 'argon2')
    return [algorithm === 'pbkdf2' ? 'pbkdf2-sha1' : algorithm, `i=${rounds}`]
  const parameters = isMembers(more) ? more : {}
  const first = (name: string) => String(readListMember(parameters, name)[0])
  const version = first('version') === '1.3' ? 'v=19' : 'v=16'
  return [
    `argon2${first('type')}`,
    `${version}$m=${first('memory')},t=${rounds},p=${first('parallelism')}`,
  ]
}

function readInner(credential: Members, name: string): Members | undefined {
  const parsed = parseStrictJson(readTextMember(credential, name) ?? '')
  return parsed.ok && isMembers(parsed.value) ? parsed.value : undefined
}

const credentialNames = new Map([
  ['otp', 'second factors (TOTP)'],
  ['totp', 'second factors (TOTP)'],
  ['webauthn', 'passkeys'],
  ['webauthn-passwordless', 'passkeys'],
  ['recovery-authn-codes', 'recovery codes'],
])

function otherCredentials(credentials: readonly Members[]): readonly string[] {
  const types = credentials.map((one) => String(one['type'])).filter((type) => type !== 'password')
  return [...new Set(types)].map(
    (type) => credentialNames.get(type) ?? `credential ${type.slice(0, 64)}`,
  )
}

function providersOf(members: Members): readonly string[] {
  const providers = readListMember(members, 'federatedIdentities')
    .filter(isMembers)
    .map((identity) => readTextMember(identity, 'identityProvider') ?? 'unknown')
  return [...new Set(providers)].map((provider) => `sign-in with ${provider.slice(0, 64)}`)
}
