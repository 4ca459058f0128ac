import {
  createKeySet,
  createJwtVerifier,
  decodeUnverified,
  ok,
  refuse,
  type EpochSeconds,
  type JwsAlgorithm,
  type JwtRefusal,
  type KeySet,
  type Result,
  type VerifiedJwt,
} from '@countersign/jwt'
import { createIssuerKeys, type IssuerKeys, type IssuerKeysDeps } from './issuer-keys.ts'
import type { Assertion, TrustedIssuer } from './trusted-issuer.ts'
import type { Access } from './select-access.ts'

/** A row of the table of trusted issuers as the operator writes it; its keys are given or fetched. */
export interface TrustedIssuerRow {
  readonly issuer: string
  /** Its public keys as a JWK set. */
  readonly jwks?: unknown
  /** The address of its key set. */
  readonly jwksUri?: string | undefined
  readonly algorithms: readonly JwsAlgorithm[]
  readonly subjects: readonly string[]
  readonly clients: readonly string[]
  readonly access: readonly Access[]
  /** The most seconds from now to the `exp` of an assertion. Units: seconds. Default: 300. */
  readonly maxAgeSeconds?: number | undefined
  /** Whether an assertion needs an id and may be used once; otherwise it may be used until it expires. Default: true. */
  readonly requireJti?: boolean | undefined
}

export interface TrustedIssuersDeps extends IssuerKeysDeps {
  readonly issuer: string
  /** The address of the token endpoint, which an assertion may name instead of the issuer. */
  readonly tokenEndpoint: string
}

/** Units: seconds. */
const maxAgeDefault = 300

/**
 * Makes the table of issuers whose assertions are accepted. Without rows there is none.
 * Throws: when two rows name one issuer, or a row has no usable public key.
 * Why: `aud` must be our issuer or our token endpoint alone, so an assertion for another service is refused here.
 * Source: RFC 7523 §3; RFC 7523bis §4 (audience).
 */
export function createTrustedIssuers(
  rows: readonly TrustedIssuerRow[],
  deps: TrustedIssuersDeps,
): (assertion: string) => TrustedIssuer | undefined {
  const table = new Map<string, TrustedIssuer>()
  for (const row of rows) {
    if (table.has(row.issuer))
      throw new TypeError(`The trusted issuer ${row.issuer} has two rows: make them one.`)
    table.set(row.issuer, trustedIssuerOf(row, deps))
  }
  return (assertion) => {
    if (table.size === 0) return undefined
    const claimed = decodeUnverified(assertion)
    const iss = claimed.ok ? claimed.value.claims['iss'] : undefined
    return typeof iss === 'string' ? table.get(iss) : undefined
  }
}

type Verify = (assertion: string, now: EpochSeconds) => Result<VerifiedJwt, JwtRefusal>

function trustedIssuerOf(row: TrustedIssuerRow, deps: TrustedIssuersDeps): TrustedIssuer {
  const { issuer, subjects, clients, access, requireJti = true } = row
  const { maxAgeSeconds = maxAgeDefault } = row
  const verifierOf = (keys: KeySet): Verify =>
    createJwtVerifier({
      keys,
      issuer,
      audience: [deps.issuer, deps.tokenEndpoint],
      algorithms: row.algorithms,
      typ: ['JWT', ''],
      require: requireJti ? ['sub', 'jti'] : ['sub'],
    })
  const verifySigned = row.jwksUri === undefined ? verifierOf(givenKeys(row)) : undefined
  const remote =
    row.jwksUri === undefined ? undefined : createIssuerKeys(row.jwksUri, row.algorithms, deps)
  return {
    issuer,
    subjects,
    clients,
    access,
    maxAgeSeconds,
    verify: (assertion, now) => {
      if (verifySigned !== undefined) return readAssertion(verifySigned(assertion, now), requireJti)
      if (remote === undefined) return unavailable
      return verifyByFetched(remote, verifierOf, assertion, now).then((verified) =>
        verified === undefined ? unavailable : readAssertion(verified, requireJti),
      )
    },
  }
}

function givenKeys(row: TrustedIssuerRow): KeySet {
  const keys = createKeySet(row.jwks, { algorithms: row.algorithms })
  if (keys.ok && keys.value.keys.length > 0) return keys.value
  throw new TypeError(`The trusted issuer ${row.issuer} has no usable public key.`)
}

async function verifyByFetched(
  remote: IssuerKeys,
  verifierOf: (keys: KeySet) => Verify,
  assertion: string,
  now: EpochSeconds,
) {
  const keys = await remote.current()
  if (keys === undefined || keys.keys.length === 0) return undefined
  const verified = verifierOf(keys)(assertion, now)
  if (verified.ok || verified.refusal.reason !== 'key_unknown') return verified
  const renewed = await remote.renew()
  return renewed === undefined || renewed === keys || renewed.keys.length === 0
    ? verified
    : verifierOf(renewed)(assertion, now)
}

function readAssertion(
  verified: Result<VerifiedJwt, JwtRefusal>,
  isSingleUse: boolean,
): ReturnType<TrustedIssuer['verify']> {
  if (!verified.ok) return verified
  const { sub: subject, jti, exp: expiresAt, aud } = verified.value.claims
  if (typeof aud !== 'string' && aud?.length !== 1)
    return refuse({ reason: 'audience_mismatch', found: [aud ?? []].flat().slice(0, 8) })
  if (subject === undefined || expiresAt === undefined) return refuse({ reason: 'claim_missing' })
  const assertion: Assertion = { subject, jti: isSingleUse ? jti : undefined, expiresAt }
  return ok(assertion)
}

const unavailable = refuse({ reason: 'keys_unavailable' })
