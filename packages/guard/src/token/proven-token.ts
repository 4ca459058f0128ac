import {
  legible,
  type EpochSeconds,
  type Key,
  type KeySet,
  type VerifiedJwt,
} from '@countersign/jwt'
import type { RevocationFacts, RevocationView } from '../policy/revocation-view.ts'
import type { RevokingEntry } from '../policy/revocation-entry.ts'
import type { GuardRefusal } from '../refusal.ts'
import { readChain } from '../revocations/chain.ts'
import type { IssuerVerifier } from './issuer-verifier.ts'

/** A refusal of a token by itself, whatever the request and the route. */
export type TokenRefusal = GuardRefusal

/** A proven token, with everything that its next use needs. */
export interface ProvenToken<Prepared> {
  /** The result of the reader's `prepare`. */
  readonly prepared: Prepared
  /** Absent for a token that introspection vouched for. */
  readonly verifier: IssuerVerifier | undefined
  /** The set whose key proved it. When another set is in force, the token is verified again. */
  readonly keySet: KeySet | undefined
  readonly expiresAt: EpochSeconds
  /** If now is earlier, the clock was set back: the token is verified again. */
  readonly validFrom: number
  /** The thumbprint of the key that the token is bound to. */
  readonly boundTo: string | undefined
  readonly facts: RevocationFacts
  /** The key or key set that opened its envelope. When it is no longer in force, the envelope is opened again. */
  readonly openedBy: object | undefined
  /** Whether the reader returns this very object when the token comes again. */
  isRemembered: boolean
  /** The generation of revocations under which it was last found live. -1 before the first check. */
  generation: number
}

/** The claims of a verified token, and what they were proven by. */
export interface Proof {
  readonly claims: VerifiedJwt['claims']
  /** Absent for an introspected token. */
  readonly key: Key | undefined
  readonly keySet: KeySet | undefined
  readonly validFrom: number
  readonly validUntil: EpochSeconds
}

/** The facts of a token that its claims alone do not say. */
export interface ProofContext {
  /** The thumbprint of the key that the token is bound to. */
  readonly boundTo: string | undefined
  /** The key that opened its envelope. */
  readonly envelopeKid: string | undefined
}

/** Collects what revocations may concern. */
export function revocationFacts(
  { claims, key }: Pick<Proof, 'claims' | 'key'>,
  envelopeKid: string | undefined,
): RevocationFacts {
  const { iss = '', jti = '', iat = 0 as EpochSeconds, sub } = claims
  return {
    issuer: iss,
    jti,
    clientId: clientIdOf(claims),
    kid: key?.kid,
    envelopeKid,
    iat,
    sub,
    sid: text(claims['sid']),
    cid: text(claims['cid']),
    cv: count(claims['cv']),
    uv: count(claims['uv']),
    ...readChain(claims),
  }
}

/** The client that a token was issued to. Empty when a foreign profile does not name one. */
export function clientIdOf(claims: VerifiedJwt['claims']): string {
  return text(claims['client_id']) ?? text(claims['azp']) ?? ''
}

/**
 * Whether a key was burnt, by the revocations of its issuer.
 * Why: a burnt key leaves the key set. Without this, its tokens would be refused as tokens of an unknown key.
 * The facts that are asked about have no other id, and are issued too late to be revoked by their moment of issue.
 */
export function isBurnt(view: RevocationView | undefined, kid: string | undefined): boolean {
  if (view === undefined || kid === undefined) return false
  return view.check(onlyKey(kid)) === 'revoked'
}

/** Finds the entry against a burnt key. */
export function burntBy(
  view: RevocationView | undefined,
  kid: string | undefined,
): RevokingEntry | undefined {
  if (kid === undefined || !isBurnt(view, kid)) return undefined
  return legibleEntry(view?.findEntry?.(onlyKey(kid)) ?? { kind: 'key', id: kid })
}

function onlyKey(kid: string): RevocationFacts {
  return { issuer: '', jti: '', clientId: '', kid, iat: Number.MAX_SAFE_INTEGER }
}

/** Marks a confirmation that cannot be proven here (RFC 7800 §3.1). No thumbprint is empty. */
export const unsupportedBinding = ''

/** Reads the thumbprint that a token is bound to. */
export function readBinding(claims: VerifiedJwt['claims']): string | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined
  const { cnf } = claims
  if (typeof cnf !== 'object' || cnf === null || Object.keys(cnf).length !== 1)
    return unsupportedBinding
  const jkt = Object.hasOwn(cnf, 'jkt') ? (cnf as Record<string, unknown>)['jkt'] : undefined
  return typeof jkt === 'string' ? jkt : unsupportedBinding
}

/** Lists the names of the members of `cnf`, as a log line may hold them. */
export function namesOfBinding({ cnf }: VerifiedJwt['claims']): readonly string[] {
  if (typeof cnf !== 'object' || cnf === null) return []
  return Object.keys(cnf)
    .slice(0, 4)
    .map((name) => legible(name, 64))
}

/** The entry that kills a token, with an id that a log line may hold. */
export function legibleEntry(entry: RevokingEntry): RevokingEntry {
  return { ...entry, id: legible(entry.id, 128) }
}

/** The facts about a proven token that a refusal may carry. */
export function provenFacts(token: {
  readonly kid?: string | undefined
  readonly jti?: string | undefined
}): { readonly proven: true; readonly kid?: string; readonly jti?: string } {
  return {
    proven: true,
    ...(token.kid === undefined ? {} : { kid: legible(token.kid, 64) }),
    ...(token.jti === undefined ? {} : { jti: legible(token.jti, 128) }),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}
