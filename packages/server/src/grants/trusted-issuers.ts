import {
  createKeySet,
  createJwtVerifier,
  decodeUnverified,
  ok,
  refuse,
  type JwsAlgorithm,
} from '@countersign/jwt'
import type { Assertion, TrustedIssuer } from './jwt-bearer.ts'
import type { Access } from './select-access.ts'

/** A row of the table of trusted issuers as the operator writes it. */
export interface TrustedIssuerRow {
  readonly issuer: string
  /** Its public keys as a JWK set. */
  readonly jwks: unknown
  readonly algorithms: readonly JwsAlgorithm[]
  readonly subjects: readonly string[]
  readonly clients: readonly string[]
  readonly access: readonly Access[]
}

/**
 * Prepares the table of issuers whose assertions are taken; without rows none is.
 * Throws: when a row has no usable key, or a secret for one.
 * Why: `aud` must be our issuer as one string, so that no assertion made for another service works here.
 * Source: RFC 7523 §3; RFC 7523bis (audience).
 */
export function createTrustedIssuers(
  rows: readonly TrustedIssuerRow[],
  issuer: string,
): (assertion: string) => TrustedIssuer | undefined {
  const table = new Map(rows.map((row) => [row.issuer, prepare(row, issuer)]))
  return (assertion) => {
    if (table.size === 0) return undefined
    const claimed = decodeUnverified(assertion)
    const iss = claimed.ok ? claimed.value.claims['iss'] : undefined
    return typeof iss === 'string' ? table.get(iss) : undefined
  }
}

function prepare(row: TrustedIssuerRow, audience: string): TrustedIssuer {
  const keys = createKeySet(row.jwks, { algorithms: row.algorithms })
  if (!keys.ok || keys.value.keys.length === 0) {
    throw new TypeError(`The trusted issuer ${row.issuer} has no usable public key.`)
  }
  const verify = createJwtVerifier({
    keys: keys.value,
    issuer: row.issuer,
    audience,
    algorithms: row.algorithms,
    typ: ['JWT', ''],
    require: ['sub', 'jti'],
  })
  const { issuer, subjects, clients, access } = row
  return {
    issuer,
    subjects,
    clients,
    access,
    verify: (assertion, now) => {
      const verified = verify(assertion, now)
      if (!verified.ok) return verified
      const { sub: subject, jti, exp: expiresAt, aud } = verified.value.claims
      if (aud !== audience) return refuse({ reason: 'audience_mismatch' })
      if (subject === undefined || jti === undefined || expiresAt === undefined) {
        return refuse({ reason: 'claim_missing' })
      }
      const said: Assertion = { subject, jti, expiresAt }
      return ok(said)
    },
  }
}
