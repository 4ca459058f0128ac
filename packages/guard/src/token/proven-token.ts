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

/** A refusal of a token by itself, independent of request and route. */
export type TokenRefusal = GuardRefusal

/** A proven token, with everything that its next use needs. */
export interface ProvenToken<Prepared> {
  /** The result of the reader's `prepare`. */
  readonly prepared: Prepared
  /** Undefined for an introspected token. */
  readonly verifier: IssuerVerifier | undefined
  /** The set whose key proved the token. If another set is in force, the token is verified again. */
  readonly keySet: KeySet | undefined
  readonly expiresAt: EpochSeconds
  /** If now is earlier, the clock was set back: the token is verified again. */
  readonly validFrom: number
  /** The thumbprint of the key that the token is bound to. */
  readonly boundTo: string | undefined
  readonly facts: RevocationFacts
  /** The key or key set that opened its envelope. If it is no longer in force, the envelope is opened again. */
  readonly openedBy: object | undefined
  /** Whether the reader returns the same object when the token is sent again. */
  isRemembered: boolean
  /** The generation of revocations at its last check. -1 before the first check. */
  generation: number
}

/** The claims of a verified token, and the key that proved them. */
export interface Proof {
  readonly claims: VerifiedJwt['claims']
  /** Absent for an introspected token. */
  readonly key: Key | undefined
  readonly keySet: KeySet | undefined
  readonly validFrom: number
  readonly validUntil: EpochSeconds
}

/** The facts of a token outside of its claims. */
export interface ProofContext {
  /** The thumbprint of the key that the token is bound to. */
  readonly boundTo: string | undefined
  /** The key that opened its envelope. */
  readonly envelopeKid: string | undefined
}

/** Collects the facts that a revocation may concern. */
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

/** Reads the client of a token. Returns '' if a foreign profile names no client. */
export function clientIdOf(claims: VerifiedJwt['claims']): string {
  return text(claims['client_id']) ?? text(claims['azp']) ?? ''
}

/**
 * Whether the revocations of an issuer burnt a key.
 * Why: a burnt key is removed from the key set. Without this check, its tokens would have the reason `key_unknown`. The
 * checked facts have no other id, and an `iat` that no entry of an issuer can concern.
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

/** Means a binding that this guard cannot check (RFC 7800 §3.1). No thumbprint is empty. */
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

/** Lists the names of the members of `cnf`, safe for a log line. */
export function namesOfBinding({ cnf }: VerifiedJwt['claims']): readonly string[] {
  if (typeof cnf !== 'object' || cnf === null) return []
  return Object.keys(cnf)
    .slice(0, 4)
    .map((name) => legible(name, 64))
}

/** Makes an entry safe for a log line. */
export function legibleEntry(entry: RevokingEntry): RevokingEntry {
  return { ...entry, id: legible(entry.id, 128) }
}

/** Makes the names of a proven token for a refusal. */
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
