import { decodeUnverified, legible, ok, refuse, type Result } from '@countersign/jwt'
import { after } from '../policy/maybe-promise.ts'
import type { IssuerVerifier } from '../token/issuer-verifier.ts'
import type { TokenRefusal } from '../token/proven-token.ts'
import type { TokenIssuers } from '../token/reader.ts'
import { issuerLettersMax, keysUnavailable, unprovenNames } from '../token/verify-signed.ts'
import type { Issuers } from './issuers-port.ts'

/**
 * Finds the verifier of a token by the issuer that it claims.
 * Refuses: `malformed`, `issuer_unknown`; `keys_unavailable` while too many look-ups are pending.
 */
export function issuersByClaim(issuers: Issuers): TokenIssuers {
  const { only, findVerifier, trusts } = issuers
  return {
    only,
    trusts,
    findVerifier: (token) => {
      const decoded = decodeUnverified(token)
      if (!decoded.ok) return malformed(decoded.refusal)
      const { iss } = decoded.value.claims
      if (typeof iss !== 'string') return refuse({ ...inPayload, ...unprovenNames(decoded) })
      const found = findVerifier(iss)
      if (found === 'busy') return refuse(keysUnavailable('busy'))
      return after(found, (verifier): Result<IssuerVerifier, TokenRefusal> => {
        if (verifier !== undefined) return ok(verifier)
        const facts = { found: legible(iss, issuerLettersMax), expected: listedIssuers(issuers) }
        return refuse({ reason: 'issuer_unknown', ...facts, ...unprovenNames(decoded) })
      })
    },
  }
}

/** Lists the trusted issuers. Returns an empty list for a look-up, because its issuers belong to other tenants. */
export function listedIssuers({ listVerifiers, occupancy }: Issuers): readonly string[] {
  if (occupancy !== undefined) return []
  return listVerifiers()
    .slice(0, issuersShownMax)
    .map(({ issuer }) => issuer)
}

/** Units: issuers in one refusal. */
const issuersShownMax = 8

const inPayload = { reason: 'malformed', part: 'payload' } as const

function malformed(
  refusal: Extract<ReturnType<typeof decodeUnverified>, { ok: false }>['refusal'],
): Result<never, TokenRefusal> {
  const part = refusal.reason === 'malformed' ? refusal.part : 'token'
  return refuse({ reason: 'malformed', proven: false, part })
}
