import {
  ok,
  refuse,
  type EpochSeconds,
  type KeySet,
  type Result,
  type VerifiedJwt,
} from '@countersign/jwt'
import { admit, type Admission, type Scheme } from '../policy/admission.ts'
import type { PermissionClaims } from '../policy/profile.ts'
import type { RevocationFacts } from '../policy/revocation-view.ts'
import { readChain } from '../revocations/chain.ts'
import type { StandardSchema } from '../policy/standard-schema.ts'
import { legible, type GuardRefusal } from '../refusal.ts'
import { checkClaims, claimAt, deepFreeze, keepLast, textList } from './claims.ts'
import type { Desk } from './desk.ts'

/** A verified token with everything that its next use needs prepared. */
export interface Held<Claims> {
  readonly admission: Admission<Claims>
  readonly desk: Desk | undefined
  /** The set whose key proved it; another set in force means that it is verified anew. */
  readonly keySet: KeySet | undefined
  readonly expiresAt: EpochSeconds
  /** Before this the clock must have been turned back. */
  readonly validFrom: number
  /** The thumbprint the token is bound to. */
  readonly boundTo: string | undefined
  readonly facts: RevocationFacts
  /** The set that opened its envelope, where it came in one; another set in force means that it is opened anew. */
  readonly openedBy: KeySet | undefined
  /** The generation of revocations under which it was last found alive; -1 before the first look. */
  generation: number
}

export interface HeldSettings<Claims> {
  readonly schema: StandardSchema<Claims> | undefined
  readonly permissions: PermissionClaims | undefined
}

/** What proved a token: a key set of a desk, or an introspection answer (neither). */
export interface Proof {
  readonly desk: Desk | undefined
  readonly keySet: KeySet | undefined
  readonly scheme: Scheme
  readonly validFrom: number
  readonly validUntil: EpochSeconds
}

/**
 * Prepares a verified token for use.
 * Refuses: `claims_invalid` where the owner's schema does; `binding_unsupported` for a binding that nobody here proves.
 */
export function hold<Claims>(
  token: Pick<VerifiedJwt, 'claims'> & { readonly kid: string | undefined },
  proof: Proof,
  { schema, permissions }: HeldSettings<Claims>,
): Result<Held<Claims>, GuardRefusal> | Promise<Result<Held<Claims>, GuardRefusal>> {
  const boundTo = readBinding(token.claims)
  if (boundTo === notUnderstood)
    return refuse({ ...refusalFacts(token), reason: 'binding_unsupported' })
  // Without a schema the claims are what `Claims` stands for by default.
  if (schema === undefined)
    return ok(prepare(token, deepFreeze(token.claims as Claims), boundTo, proof, permissions))
  const checked = checkClaims(token.claims, schema)
  const settle = (result: Awaited<typeof checked>): Result<Held<Claims>, GuardRefusal> =>
    result.ok
      ? ok(prepare(token, deepFreeze(result.value), boundTo, proof, permissions))
      : refuse({ ...refusalFacts(token), reason: 'claims_invalid', ...result.refusal })
  return checked instanceof Promise ? checked.then(settle) : settle(checked)
}

function prepare<Claims>(
  { claims, kid }: Pick<VerifiedJwt, 'claims'> & { readonly kid: string | undefined },
  shown: Claims,
  boundTo: string | undefined,
  proof: Proof,
  permissions: PermissionClaims | undefined,
): Held<Claims> {
  const { iss = '', sub = '', jti, iat } = claims
  const clientId = text(claims['client_id']) ?? text(claims['azp']) ?? ''
  const expiresAt = proof.validUntil
  const admission = admit<Claims>({
    claims: shown,
    issuer: iss,
    subject: sub,
    clientId,
    audience: typeof claims.aud === 'string' ? listOfOne(claims.aud) : textList(claims.aud),
    scopes: readScopes(claims, permissions?.scopes),
    roles: textList(claimAt(claims, permissions?.roles ?? 'roles')),
    permissions: textList(claimAt(claims, permissions?.permissions ?? 'permissions')),
    tokenId: jti,
    issuedAt: iat,
    expiresAt,
    authenticatedAt: moment(claims['auth_time']),
    acr: text(claims['acr']),
    scheme: proof.scheme,
    keyThumbprint: boundTo,
  })
  const facts: RevocationFacts = {
    issuer: iss,
    jti: jti ?? '',
    clientId,
    kid,
    iat: iat ?? (0 as EpochSeconds),
    sub: claims.sub,
    sid: text(claims['sid']),
    cid: text(claims['cid']),
    cv: count(claims['cv']),
    uv: count(claims['uv']),
    ...readChain(claims),
  }
  const { desk, keySet, validFrom } = proof
  const openedBy = undefined
  return { admission, desk, keySet, expiresAt, validFrom, boundTo, facts, openedBy, generation: -1 }
}

/** What a refusal after the proof may say about the token. */
export function refusalFacts(token: {
  readonly kid: string | undefined
  readonly claims: VerifiedJwt['claims']
}): { readonly proven: true; readonly kid?: string; readonly jti?: string } {
  return {
    proven: true,
    ...(token.kid === undefined ? {} : { kid: legible(token.kid, 64) }),
    ...(typeof token.claims.jti === 'string' ? { jti: legible(token.claims.jti, 128) } : {}),
  }
}

/** Stands for a confirmation that nobody here can prove (RFC 7800 §3.1); no thumbprint is empty. */
const notUnderstood = ''

/** The thumbprint that a token is bound to, or nothing. */
function readBinding(claims: VerifiedJwt['claims']): string | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined
  const { cnf } = claims
  if (typeof cnf !== 'object' || cnf === null || Object.keys(cnf).length !== 1) return notUnderstood
  const jkt = claimAt(cnf, 'jkt')
  return typeof jkt === 'string' ? jkt : notUnderstood
}

function readScopes(claims: object, name = 'scope'): readonly string[] {
  const value = claimAt(claims, name)
  if (typeof value === 'string') return splitAtSpaces(value)
  return textList(name === 'scope' ? undefined : value)
}

const listOfOne = keepLast((text) => [text])
const splitAtSpaces = keepLast((text) => (text === '' ? [] : text.split(' ')))

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

function moment(value: unknown): EpochSeconds | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? (value as EpochSeconds) : undefined
}
