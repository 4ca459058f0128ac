import {
  createJwtVerifier,
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
  const prepared = new Map<string, Prepared>()
  /** The one that was asked for last. */
  let recent: Prepared | undefined

  function verifierFor(audience: string): Verifier | undefined {
    if (!deps.isResource(audience)) {
      prepared.delete(audience)
      return undefined
    }
    const keys = deps.verifiers(audience)
    const known = prepared.get(audience)
    if (known?.keys === keys) {
      recent = known
      return known.verify
    }
    const algorithms = [...new Set(keys.keys.map(({ alg }) => alg as JwsAlgorithm))]
    if (algorithms.length === 0) return undefined
    const verify = createJwtVerifier({
      keys,
      issuer: deps.issuer,
      audience,
      algorithms,
      typ: 'at+jwt',
    })
    recent = { audience, keys, verify, beginning: beginningOf(deps.issuer, audience) }
    prepared.set(audience, recent)
    return verify
  }

  return (
    token: string,
    now: EpochSeconds,
  ): Result<VerifiedClaims, { readonly reason: string }> => {
    const claimed = recent !== undefined && begins(token, recent) ? recent.audience : glance(token)
    if (claimed === undefined) return explain(token)
    const verify = verifierFor(claimed)
    if (verify === undefined) return refuse({ reason: 'audience_mismatch' })
    const verified = verify(token, now)
    if (!verified.ok) return verified
    const { key, claims } = verified.value
    return { ok: true, value: { kid: key.kid, isShared: key.kind === 'secret', claims } }
  }
}

interface Prepared {
  readonly audience: string
  readonly keys: KeySet
  readonly verify: Verifier
  /** How the payload of a token begins that we made for this audience. */
  readonly beginning: string
}

/** Ends behind the audience, so that no longer one begins the same way. */
function beginningOf(issuer: string, audience: string): string {
  const text = JSON.stringify({ iss: issuer, aud: audience, sub: '' }).slice(0, -':""}'.length)
  const bytes = Buffer.from(text)
  // Whole groups of letters only; of what is cut off, two bytes at most, nothing belongs to the audience.
  return bytes.toString('base64url', 0, bytes.length - (bytes.length % 3))
}

function begins(token: string, { beginning }: Prepared): boolean {
  return token.startsWith(beginning, token.indexOf('.') + 1)
}

/** Says why no audience was found. */
function explain(token: string): Result<never, { readonly reason: string }> {
  const read = decodeUnverified(token)
  return read.ok ? refuse({ reason: 'audience_mismatch' }) : read
}

/** Units: characters. Whatever is longer is no token of ours; the verifier has its own limit. */
const tokenLengthMax = 65_536

/**
 * Glances at the audience that a token claims, without believing it.
 * Why: the payload is read strictly once, by the verifier that this picks; what two readers could read differently (a
 * member named twice, a second spelling of base64url) is refused there.
 */
function glance(token: string): string | undefined {
  if (token.length > tokenLengthMax) return undefined
  const start = token.indexOf('.') + 1
  const end = token.indexOf('.', start)
  if (start === 0 || end === -1) return undefined
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.slice(start, end), 'base64url').toString('utf8'),
    )
    const isRecord = typeof claims === 'object' && claims !== null
    return isRecord && 'aud' in claims && typeof claims.aud === 'string' ? claims.aud : undefined
  } catch {
    return undefined
  }
}
