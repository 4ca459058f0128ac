import {
  createVerifier,
  decodeUnverified,
  refuse,
  type EpochSeconds,
  type JwsAlgorithm,
  type KeySet,
  type Result,
  type Verifier,
} from '@countersign/jwt'
import type { InspectDeps, VerifiedClaims } from './inspect.ts'

/**
 * Makes the proof of our own access tokens, whatever resource they are for.
 * Refuses: the core's reasons; `audience_mismatch` where the token names no resource of ours.
 * Why: the claimed audience only picks the keys that may sign for it, so that whoever guards a resource with a shared
 * secret cannot speak for another.
 * Source: RFC 9068 §4; RFC 8725 §3.1; ours.
 */
export function createOwnVerifier(deps: {
  readonly issuer: string
  /** The keys whose tokens may be alive at a resource; the same object while nothing changed. */
  readonly verifiers: (audience: string) => KeySet
  readonly isResource: (audience: string) => boolean
}): InspectDeps['verify'] {
  const prepared = new Map<string, { readonly keys: KeySet; readonly verify: Verifier }>()

  function verifierFor(audience: string): Verifier | undefined {
    if (!deps.isResource(audience)) {
      prepared.delete(audience)
      return undefined
    }
    const keys = deps.verifiers(audience)
    const known = prepared.get(audience)
    if (known?.keys === keys) return known.verify
    const algorithms = [...new Set(keys.keys.map(({ alg }) => alg as JwsAlgorithm))]
    if (algorithms.length === 0) return undefined
    const verify = createVerifier({
      keys,
      issuer: deps.issuer,
      audience,
      algorithms,
      typ: 'at+jwt',
    })
    prepared.set(audience, { keys, verify })
    return verify
  }

  return (
    token: string,
    now: EpochSeconds,
  ): Result<VerifiedClaims, { readonly reason: string }> => {
    const claimed = decodeUnverified(token)
    if (!claimed.ok) return claimed
    const { aud } = claimed.value.claims
    const verify = typeof aud === 'string' ? verifierFor(aud) : undefined
    if (verify === undefined) return refuse({ reason: 'audience_mismatch' })
    const verified = verify(token, now)
    if (!verified.ok) return verified
    const { key, claims } = verified.value
    return { ok: true, value: { kid: key.kid, claims } }
  }
}
