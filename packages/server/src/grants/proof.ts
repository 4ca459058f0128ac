import { ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import type { HttpRequest } from '../http/exchange.ts'
import type { SpentId } from '../store/port/store.ts'
import type { DpopNonces } from './dpop-nonce.ts'
import type { ProofRefusal } from './refusals.ts'

export type ProofRequest = Pick<HttpRequest, 'headers' | 'rawHeaders'>

/** The key that a request proved to hold, and the proof's id, to be spent with the act. */
export interface ProvenKey {
  readonly jkt: string
  readonly spend: SpentId
}

/** What a proof says once its signature and its own claims were checked. */
export interface CheckedProof {
  readonly jkt: string
  readonly jti: string
  readonly nonce: string | undefined
}

export interface ProverDeps {
  /** The token-level checks of RFC 9449 §4.3, for a POST to the token endpoint. */
  readonly check: (
    proof: string,
    now: EpochSeconds,
  ) => Result<CheckedProof, { readonly reason: string }>
  readonly nonces: DpopNonces
  readonly now: () => EpochSeconds
}

/** Units: seconds. Longer than a proof can be young enough, whatever its `iat` and the leeway. */
const spentSeconds = 900

/**
 * Makes the check of the DPoP header at the token endpoint; no header proves no key.
 * Refuses: `proof_repeated_header`, `proof_invalid`, `proof_nonce_missing`, `proof_nonce_stale`.
 * Not checked: that the proof was not used before; its id is spent in the transaction of the act.
 * Source: RFC 9449 §4.3, §5, §8.
 */
export function createProver(
  deps: ProverDeps,
): (request: ProofRequest) => Result<ProvenKey | undefined, ProofRefusal> {
  return ({ headers, rawHeaders }) => {
    const { dpop } = headers
    if (dpop === undefined) return ok(undefined)
    if (typeof dpop !== 'string' || countHeaders(rawHeaders, 'dpop') !== 1) {
      return refuse({ reason: 'proof_repeated_header' })
    }
    const now = deps.now()
    const proof = deps.check(dpop, now)
    if (!proof.ok) return refuse({ reason: 'proof_invalid', detail: proof.refusal.reason })
    const { jkt, jti, nonce } = proof.value
    if (nonce === undefined) return refuse({ reason: 'proof_nonce_missing' })
    if (deps.nonces.check(nonce) === 'stale') return refuse({ reason: 'proof_nonce_stale' })
    const until = (now + spentSeconds) as EpochSeconds
    return ok({ jkt, spend: { space: 'dpop', owner: jkt, id: jti, until } })
  }
}

function countHeaders(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name).length
}
