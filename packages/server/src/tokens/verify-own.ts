import {
  createVerifier,
  refuse,
  type EpochSeconds,
  type JwsAlgorithm,
  type KeySet,
  type Result,
  type Verifier,
} from '@countersign/jwt'
import type { InspectDeps, VerifiedClaims } from './inspect.ts'

export interface OwnKeys {
  /** Every key whose tokens may be alive, secrets of resources included; the same object while nothing changed. */
  readonly keySet: () => KeySet
  /** The algorithms that those keys sign with. */
  readonly algorithms: () => readonly JwsAlgorithm[]
  /** The resource that a secret is shared with, by the secret's `kid`. */
  readonly audienceOf: (kid: string | undefined) => string | null | undefined
}

/**
 * Makes the proof of our own access tokens, whatever resource they are for.
 * Refuses: the core's reasons; `key_unknown` where a resource's secret signed for another resource.
 * Why: who guards a resource with a shared secret can sign with it, and must not speak for others.
 * Source: RFC 9068 §4; RFC 8725 §3.1; ours (DESIGN 7.6).
 */
export function createOwnVerifier(deps: {
  readonly issuer: string
  readonly keys: OwnKeys
  /** The audiences of all resources; the same list while nothing changed. */
  readonly audiences: () => readonly string[]
}): InspectDeps['verify'] {
  let prepared: { keySet: KeySet; audiences: readonly string[]; verify: Verifier } | undefined

  function verifier(): Verifier | undefined {
    const keySet = deps.keys.keySet()
    const audiences = deps.audiences()
    if (prepared?.keySet !== keySet || prepared.audiences !== audiences) {
      const algorithms = deps.keys.algorithms()
      if (algorithms.length === 0 || audiences.length === 0) return undefined
      const policy = { issuer: deps.issuer, audience: audiences, algorithms, typ: 'at+jwt' }
      prepared = { keySet, audiences, verify: createVerifier({ ...policy, keys: keySet }) }
    }
    return prepared.verify
  }

  return (
    token: string,
    now: EpochSeconds,
  ): Result<VerifiedClaims, { readonly reason: string }> => {
    const verified = verifier()?.(token, now)
    if (verified === undefined) return refuse({ reason: 'key_unknown' })
    if (!verified.ok) return verified
    const { key, claims } = verified.value
    if (key.kind === 'secret' && deps.keys.audienceOf(key.kid) !== claims.aud) {
      return refuse({ reason: 'key_unknown' })
    }
    return { ok: true, value: { kid: key.kid, claims } }
  }
}
