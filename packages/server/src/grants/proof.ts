import {
  decodeUnverified,
  ok,
  refuse,
  createDpopProofVerifier,
  type EpochSeconds,
  type ProfileRefusal,
  type Result,
} from '@countersign/jwt'
import type { HttpRequest } from '../http/exchange.ts'
import { isRepeated } from '../http/repeated.ts'
import { proofAlgs } from '../keys/material.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { DpopNonces } from './dpop-nonce.ts'
import type { ProofRefusal } from './refusals.ts'

export type ProofRequest = Pick<HttpRequest, 'headers' | 'rawHeaders'>

/** The key that a request proved to hold, and the id of the proof, which the commit spends. */
export interface ProvenKey {
  readonly jkt: string
  readonly spend: SpentId
}

export interface ProverDeps {
  /** The address of the token endpoint in proofs. */
  readonly url: string
  readonly nonces: DpopNonces
  readonly now: () => EpochSeconds
}

/** Units: seconds. The greatest age of a proof; a nonce is fresh for at most two periods of 120 s. */
const ageMax = 300
/** Units: seconds. Longer than the greatest age of a proof, and an hour more, because a clock that is ahead may be set back. */
const spentSeconds = 4_500

/**
 * Makes the check of the DPoP header at the token endpoint. Without a header it gives no key.
 * Refuses: `proof_repeated_header`, `proof_invalid`, `proof_nonce_missing`, `proof_nonce_stale`.
 * Not checked: that the proof was not used before; the commit of the grant spends its id.
 * Source: RFC 9449 §4.3, §5, §8.
 */
export function createProver(
  deps: ProverDeps,
): (request: ProofRequest) => Result<ProvenKey | undefined, ProofRefusal> {
  const verify = createDpopProofVerifier({ algorithms: proofAlgs, maxAgeSeconds: ageMax })
  return ({ headers, rawHeaders }) => {
    const { dpop } = headers
    if (dpop === undefined) return ok(undefined)
    if (typeof dpop !== 'string' || isRepeated(rawHeaders, 'dpop')) {
      return refuse({ reason: 'proof_repeated_header' })
    }
    // The nonce is compared first, so that a proof with a wrong nonce costs no signature check.
    const nonceRefusal = checkNonce(dpop, deps.nonces)
    if (nonceRefusal !== undefined) return nonceRefusal
    const now = deps.now()
    const proof = verify(dpop, { method: 'POST', url: deps.url, now })
    if (!proof.ok) return refuse({ reason: 'proof_invalid', detail: detailOf(proof.refusal) })
    const { jkt, claims } = proof.value
    const { jti } = claims
    const until = (now + spentSeconds) as EpochSeconds
    return ok({ jkt, spend: { space: 'dpop', owner: jkt, id: jti, until } })
  }
}

/** Compares the nonce of a proof. Not checked: a proof that cannot be decoded; the verifier refuses it. */
function checkNonce(dpop: string, nonces: DpopNonces) {
  const decoded = decodeUnverified(dpop)
  if (!decoded.ok) return undefined
  const { nonce } = decoded.value.claims
  if (nonce === undefined) return refuse({ reason: 'proof_nonce_missing' })
  const isFresh = typeof nonce === 'string' && nonces.check(nonce) === 'fresh'
  return isFresh ? undefined : refuse({ reason: 'proof_nonce_stale' })
}

function detailOf(refusal: ProfileRefusal): string {
  return 'claim' in refusal ? `${refusal.reason} ${refusal.claim}` : refusal.reason
}
