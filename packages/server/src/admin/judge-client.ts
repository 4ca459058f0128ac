import { ok, type JsonObject, type Result } from '@countersign/jwt'
import { clientMethods, findMethod } from '../clients/methods.ts'
import { findGrant } from '../grants/table.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { ResourceVerbs } from '../store/port/store.ts'
import { objectToClaims, objectToRoles } from './client-claims.ts'
import { readClientKeys } from './client-keys.ts'
import { judgeSignIn, type WantedSignIn } from './judge-sign-in.ts'
import { missingResource, missingScope } from './missing-access.ts'
import { refuseOperation, type OperationRefusal } from './operator.ts'
import { wordsOf } from './words.ts'

/** The settings of a client, as an operator states them. */
export interface ClientSettings {
  /** The name of a row of the table of authentication methods. */
  readonly authentication: string
  readonly grantTypes: readonly string[]
  readonly access: readonly WantedAccess[]
  /** For `private_key_jwt`: a JWK set, one JWK or PEM. */
  readonly jwks?: string | undefined
  /** The algorithm of PEM, and of RSA keys that do not name one. */
  readonly alg?: string | undefined
  readonly dpopRequired: boolean
  /** Its roles, for the `roles` claim of its own tokens. Default: none. */
  readonly roles?: readonly string[] | undefined
  /** More claims of its own tokens. Default: none. */
  readonly claims?: JsonObject | undefined
  /** The settings for users who sign in to it. */
  readonly signIn?: WantedSignIn | undefined
}

/** One resource of a client. */
export interface WantedAccess {
  readonly audience: string
  /** Words between single spaces. Default: all scopes of the resource. */
  readonly scope?: string | undefined
}

/** Settings that follow the rules, as a record holds them. */
export type JudgedClient = Pick<
  ClientRecord,
  | 'authentication'
  | 'jwks'
  | 'grantTypes'
  | 'access'
  | 'dpopRequired'
  | 'roles'
  | 'claims'
  | 'signIn'
>

/**
 * Judges the settings of a client, for a new one and for a change. Settings that `kept` has already are not judged again.
 * Refuses: `malformed` and `unknown`, with a sentence.
 */
export async function judgeClient(
  wanted: ClientSettings,
  resources: Pick<ResourceVerbs, 'find'>,
  kept?: ClientRecord,
): Promise<Result<JudgedClient, OperationRefusal>> {
  const { authentication, dpopRequired } = wanted
  const jwks = judgeKeys(wanted, kept?.jwks ?? null)
  if (!jwks.ok) return jwks
  const objection = objectToMethod(wanted, jwks.value)
  if (objection !== undefined) return refuseOperation('malformed', objection)
  const roles = [...new Set(wanted.roles ?? kept?.roles)]
  const claims = wanted.claims ?? kept?.claims ?? {}
  const unfit = objectToRoles(roles) ?? objectToClaims(claims)
  if (unfit !== undefined) return refuseOperation('malformed', unfit)
  const access = await judgeAccess(wanted.access, resources, kept?.access ?? [])
  if (!access.ok) return access
  const grantTypes = [...new Set(wanted.grantTypes)]
  const signIn = judgeSignIn(wanted.signIn, kept?.signIn, { grantTypes, authentication })
  if (!signIn.ok) return signIn
  return ok({
    authentication,
    jwks: jwks.value,
    grantTypes,
    access: access.value,
    dpopRequired,
    roles,
    claims,
    ...(signIn.value && { signIn: signIn.value }),
  })
}

function judgeKeys(
  { jwks: text, alg, authentication }: ClientSettings,
  kept: string | null,
): Result<string | null, OperationRefusal> {
  if (text === undefined) {
    if (alg !== undefined)
      return refuseOperation('malformed', 'An algorithm belongs to public keys: give them too.')
    return ok(findMethod(authentication)?.holds === 'jwks' ? kept : null)
  }
  const read = readClientKeys({ text, alg })
  return read.ok ? read : refuseOperation('malformed', read.refusal)
}

/** Says in a sentence why grants, method and keys do not fit together; `undefined` where they do. */
function objectToMethod(
  { authentication, grantTypes }: ClientSettings,
  jwks: string | null,
): string | undefined {
  const odd = grantTypes.find((grant) => findGrant(grant) === undefined)
  if (odd !== undefined) return `There is no grant ${odd}.`
  const method = findMethod(authentication)
  if (method === undefined)
    return `A client authenticates by ${namesOf(clientMethods)}, not by ${authentication}.`
  const closed = grantTypes.find((grant) => findGrant(grant)?.publicClients === false)
  if (!method.proves && closed !== undefined)
    return `A public client does not authenticate, so it may not use ${closed}: give it other grants, or a secret.`
  return (method.holds === 'jwks') === (jwks !== null)
    ? undefined
    : `Public keys (a JWK set) belong to ${namesOf(withKeys)}, and it needs them.`
}

const withKeys = clientMethods.filter(({ holds }) => holds === 'jwks')

function namesOf(methods: typeof clientMethods): string {
  return methods.map(({ name }) => name).join(', ')
}

async function judgeAccess(
  wanted: readonly WantedAccess[],
  resources: Pick<ResourceVerbs, 'find'>,
  kept: ClientRecord['access'],
): Promise<Result<ClientRecord['access'], OperationRefusal>> {
  const access: { audience: string; scopes: readonly string[] }[] = []
  for (const { audience, scope } of wanted) {
    if (access.some((before) => before.audience === audience))
      return refuseOperation('malformed', `${audience} is named twice.`)
    const before = kept.find((part) => part.audience === audience)
    if (before !== undefined && before.scopes.join(' ') === scope) {
      access.push(before)
      continue
    }
    const resource = await resources.find(audience)
    if (resource === undefined) return missingResource(audience)
    const scopes = scope === undefined ? resource.scopes : wordsOf(scope)
    const beyond = scopes?.find((name) => !resource.scopes.includes(name))
    if (scopes === undefined || beyond !== undefined)
      return missingScope(resource, beyond ?? scope ?? '')
    access.push({ audience, scopes })
  }
  return ok(access)
}
