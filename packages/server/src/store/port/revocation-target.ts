import type { EpochSeconds } from '@countersign/jwt'

/** The tokens that a revocation entry revokes. */
export type RevocationTarget =
  | { readonly kind: 'token'; readonly jti: string }
  | { readonly kind: 'sid'; readonly sid: string }
  | { readonly kind: 'client'; readonly cid: string; readonly belowVersion: number }
  | { readonly kind: 'user'; readonly uid: string; readonly belowVersion: number }
  | { readonly kind: 'claims_stale'; readonly uid: string; readonly belowVersion: number }
  | { readonly kind: 'key'; readonly kid: string }
  | { readonly kind: 'issuer'; readonly issuedUpTo: EpochSeconds }

/** A target in the form that its columns and its message share. */
export interface TargetParts {
  /** Empty for `issuer`. */
  readonly id: string
  /** The first version that stays live. Of an issuer: the moment up to which all tokens are dead. */
  readonly belowVersion?: number
}

/** Takes a target apart. */
export function partsOf(target: RevocationTarget): TargetParts {
  switch (target.kind) {
    case 'token':
      return { id: target.jti }
    case 'sid':
      return { id: target.sid }
    case 'key':
      return { id: target.kid }
    case 'client':
      return { id: target.cid, belowVersion: target.belowVersion }
    case 'user':
    case 'claims_stale':
      return { id: target.uid, belowVersion: target.belowVersion }
    case 'issuer':
      return { id: '', belowVersion: target.issuedUpTo }
  }
}

/**
 * Puts a target together: the reverse of `partsOf`.
 * Throws: TypeError for an unknown kind.
 */
export function targetOf(kind: string, { id, belowVersion = 0 }: TargetParts): RevocationTarget {
  switch (kind) {
    case 'token':
      return { kind, jti: id }
    case 'sid':
      return { kind, sid: id }
    case 'key':
      return { kind, kid: id }
    case 'client':
      return { kind, cid: id, belowVersion }
    case 'user':
    case 'claims_stale':
      return { kind, uid: id, belowVersion }
    case 'issuer':
      return { kind, issuedUpTo: belowVersion as EpochSeconds }
    default:
      throw new TypeError('the entry is of an unknown kind')
  }
}
