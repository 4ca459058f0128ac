import type { Proof, ProofContext } from '@countersign/guard/token'
import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { ownClaims } from './claims.ts'

/** A live access token of this issuer, read. */
export interface OwnToken {
  readonly jti: string
  readonly audience: string
  readonly subject: string
  readonly username: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly sid: string | undefined
  readonly cid: string
  readonly cv: number
  readonly uv: number | undefined
  /** Thumbprint of the key that it is bound to. */
  readonly jkt: string | undefined
  readonly act: object | undefined
  /** Claims that a client or the operator's function added, `roles` among them. */
  readonly added: Readonly<Record<string, unknown>> | undefined
  /** The ids of the tokens that it was exchanged from. */
  readonly ancestors: readonly string[]
  /** The keys that those were signed with, and encrypted to. */
  readonly ancestorKids: readonly string[]
  /** When the first of those was issued. */
  readonly ancestorIat: EpochSeconds | undefined
  readonly issuedAt: EpochSeconds
  readonly expiresAt: EpochSeconds
  readonly kid: string | undefined
  /** The key that it was encrypted to. */
  readonly envelopeKid: string | undefined
  /** Whether it was signed with a secret that its resource has too, and could have signed with. */
  readonly isShared: boolean
}

/**
 * Reads the proven claims of an access token of this issuer.
 * Refuses: `claims_invalid` for a token without a claim that this issuer writes into each of its tokens.
 */
export function readOwnToken(
  { claims, key }: Proof,
  { boundTo, envelopeKid }: ProofContext,
): Result<OwnToken, { readonly reason: 'claims_invalid'; readonly path: string }> {
  const { jti, aud, sub, username, client_id, scope, sid, cid, cv, uv, act, iat, exp } = claims
  const { pjti, pkid, piat } = claims
  if (!isText(jti) || !isText(aud) || !isText(sub) || !isText(client_id)) return unreadable(claims)
  if (!isText(cid) || !isNumber(cv) || !isNumber(iat) || !isNumber(exp)) return unreadable(claims)
  return ok({
    jti,
    audience: aud,
    subject: sub,
    username: isText(username) ? username : sub,
    clientId: client_id,
    scopes: isText(scope) && scope !== '' ? scope.split(' ') : [],
    sid: isText(sid) ? sid : undefined,
    cid,
    cv,
    uv: isNumber(uv) ? uv : undefined,
    jkt: boundTo,
    act: typeof act === 'object' && act !== null ? act : undefined,
    added: addedTo(claims),
    ancestors: Array.isArray(pjti) ? pjti.filter(isText) : [],
    ancestorKids: Array.isArray(pkid) ? pkid.filter(isText) : [],
    ancestorIat: isNumber(piat) ? (piat as EpochSeconds) : undefined,
    issuedAt: iat,
    expiresAt: exp,
    kid: key?.kid,
    envelopeKid,
    isShared: key?.kind === 'secret',
  })
}

function addedTo(claims: Proof['claims']): OwnToken['added'] {
  let added: Record<string, unknown> | undefined
  for (const name in claims) {
    if (ownClaims.has(name)) continue
    added ??= {}
    added[name] = claims[name]
  }
  return added
}

/** Names the first claim that is missing or of another type. */
function unreadable(claims: Proof['claims']) {
  const isFit = (name: string): boolean => isText(claims[name]) || isNumber(claims[name])
  return refuse({
    reason: 'claims_invalid',
    path: writtenClaims.find((name) => !isFit(name)) ?? 'aud',
  })
}

/** The claims that this issuer writes into each of its tokens. */
const writtenClaims = ['jti', 'aud', 'sub', 'client_id', 'cid', 'cv', 'iat', 'exp']
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
