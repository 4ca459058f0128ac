import { decodeUnverified, ok, refuse, type Result } from '@countersign/jwt'
import { after } from '../policy/maybe-promise.ts'
import type { IssuerVerifier } from '../token/issuer-verifier.ts'
import type { TokenRefusal } from '../token/proven-token.ts'
import type { TokenIssuers } from '../token/reader.ts'
import { keysUnavailable, unprovenKid } from '../token/verify-signed.ts'
import type { Issuers } from './issuers-port.ts'

/**
 * Finds the verifier of a token by the issuer that it claims.
 * Refuses: `malformed`, `issuer_unknown`; `keys_unavailable` while too many names are being looked up.
 */
export function issuersByClaim({ only, find, trusts }: Issuers): TokenIssuers {
  return {
    only,
    trusts,
    find: (token) => {
      const issuer = claimedIssuer(token)
      if (issuer === undefined) return malformed
      const found = find(issuer)
      if (found === 'busy') return keysUnavailable
      return after(found, (verifier): Result<IssuerVerifier, TokenRefusal> =>
        verifier === undefined
          ? refuse({ reason: 'issuer_unknown', proven: false, ...unprovenKid(token) })
          : ok(verifier),
      )
    },
  }
}

const malformed = refuse<TokenRefusal>({ reason: 'malformed', proven: false })

function claimedIssuer(token: string): string | undefined {
  const decoded = decodeUnverified(token)
  const issuer = decoded.ok ? decoded.value.claims.iss : undefined
  return typeof issuer === 'string' ? issuer : undefined
}
