import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { ClientRecord } from '../store/port/records.ts'
import type { AddClaims, StatusClaim, TokenPlan, TokenSizeRefusal, TokenUser } from './plan.ts'

export interface ClaimsDeps {
  readonly issuer: string
  readonly randomId: () => string
  readonly addClaims?: AddClaims | undefined
}

export interface BuiltClaims {
  readonly claims: Readonly<Record<string, unknown>>
  readonly jti: string
  readonly expiresAt: EpochSeconds
}

/**
 * Builds the claims of an access token from what was decided. Pure but for the random `jti`.
 * Refuses: `token_too_large`, naming the fattest claims; the signature and the encryption do not count.
 * Throws: when the operator's function returns a claim that is ours, or no plain object.
 * Source: RFC 9068 §2.2; RFC 8693 §4.1 (`act`); `cid`, `cv`, `uv`, `sid`, `pjti`, `pkid`, `piat` are ours (docs/revocation.md).
 */
export function buildClaims(
  plan: TokenPlan,
  deps: ClaimsDeps,
  status?: StatusClaim,
): Result<BuiltClaims, TokenSizeRefusal> {
  const { client, resource, parent, now } = plan
  const jti = deps.randomId()
  const iat = Math.floor(now)
  const exp = expiryOf(plan)
  const claims: Record<string, unknown> = {
    iss: deps.issuer,
    aud: resource.audience,
    sub: plan.subject,
    client_id: client.id,
    username: plan.username,
    scope: plan.scopes.join(' '),
    iat,
    exp,
    jti,
    cid: parent?.cid ?? client.internalId,
    cv: parent?.cv ?? client.version,
  }
  if (plan.sid !== undefined) claims['sid'] = plan.sid
  if (plan.jkt !== undefined) claims['cnf'] = { jkt: plan.jkt }
  if (parent !== undefined) {
    claims['act'] = parent.act
    claims['pjti'] = parent.ancestors
    claims['pkid'] = parent.ancestorKids
    claims['piat'] = parent.ancestorIat
    if (parent.uv !== undefined) claims['uv'] = parent.uv
  }
  if (plan.user !== undefined) addUser(claims, plan.user)
  else if (plan.subject === client.id) addOwn(claims, client)
  if (status !== undefined) claims['status'] = status
  if (deps.addClaims !== undefined) add(claims, deps.addClaims, plan)
  const bytesMax = resource.tokenBytesMax
  if (!surelyFits(claims, bytesMax)) {
    const bytes = Buffer.byteLength(JSON.stringify(claims))
    if (bytes > bytesMax) {
      return refuse({ reason: 'token_too_large', bytes, bytesMax, fattest: nameFattest(claims) })
    }
  }
  return ok({ claims, jti, expiresAt: exp })
}

/**
 * Whether claims fit however their letters are written, so that most need not be written twice.
 * Why six: the longest form of one letter in JSON is `\u0000`.
 */
function surelyFits(claims: Readonly<Record<string, unknown>>, bytesMax: number): boolean {
  let bytes = 2
  for (const name in claims) {
    const value = claims[name]
    if (typeof value === 'string') bytes += (name.length + value.length + 1) * 6
    else if (typeof value === 'number') bytes += (name.length + 1) * 6 + 24
    else return false
  }
  return bytes <= bytesMax
}

/** When the token ends: after its resource's lifetime, and not after what it stands on. */
export function expiryOf({ resource, parent, now }: TokenPlan): EpochSeconds {
  const full = Math.floor(now) + resource.tokenTtlSeconds
  const exp = parent === undefined ? full : Math.min(full, Math.floor(parent.expiresAt))
  return exp as EpochSeconds
}

/** Claims that only this service writes, here or in another kind of its tokens. */
export const ownClaims: ReadonlySet<string> = new Set(
  (
    'iss aud sub client_id username scope iat nbf exp jti ' +
    'cid cv uv sid cnf act may_act pjti pkid piat status __proto__'
  ).split(' '),
)

/**
 * Adds the roles and claims of a client to a token that speaks for the client itself.
 * Why not to others: a user does not have the rights of the client that asks for the token.
 */
function addOwn(
  claims: Record<string, unknown>,
  { roles, claims: plain }: Pick<ClientRecord, 'roles' | 'claims'>,
): void {
  if (roles.length > 0) claims['roles'] = roles
  for (const [name, value] of Object.entries(plain)) if (!ownClaims.has(name)) claims[name] = value
}

/** Claims that only this service writes into a token of its user. */
const signInClaims: ReadonlySet<string> = new Set(['acr', 'amr', 'auth_time'])

/** Adds the version, the roles and the sign-in of a user. Source: RFC 9068 §2.2.1 and §2.2.3.1. */
function addUser(claims: Record<string, unknown>, user: TokenUser): void {
  const { version, roles, authTime, acr, amr } = user
  claims['uv'] = version
  claims['auth_time'] = Math.floor(authTime)
  claims['acr'] = acr
  claims['amr'] = amr
  if (roles.length > 0) claims['roles'] = roles
}

function add(claims: Record<string, unknown>, addClaims: AddClaims, plan: TokenPlan): void {
  const { client, resource, subject, username, scopes, grant } = plan
  const { audience } = resource
  const added = addClaims({ clientId: client.id, subject, username, audience, scopes, grant })
  if (!isPlain(added)) {
    // One that fails later would end the process.
    Promise.resolve(added).catch(() => undefined)
    throw new TypeError('The claims function must return a plain object, and no promise of one.')
  }
  for (const [name, value] of Object.entries(added)) {
    if (ownClaims.has(name) || (plan.user !== undefined && signInClaims.has(name)))
      throw new TypeError(`The claims function may not set "${name}".`)
    if (value !== undefined) claims[name] = value
  }
}

/** Whether its own members are all there is to it; of a promise or a map nothing would be read, and nobody would hear of it. */
function isPlain(added: unknown): boolean {
  if (typeof added !== 'object' || added === null) return false
  const prototype: unknown = Object.getPrototypeOf(added)
  return prototype === Object.prototype || prototype === null
}

function nameFattest(claims: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(claims)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(JSON.stringify(value) ?? '') }))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ name, bytes }) => `${name} (${bytes} bytes)`)
}
