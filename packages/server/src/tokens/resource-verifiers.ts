import type { RevocationView } from '@countersign/guard'
import {
  createIssuerVerifier,
  holdGivenKeys,
  type IssuerVerifier,
  type TokenIssuers,
} from '@countersign/guard/token'
import { ok, refuse, type JwsAlgorithm, type KeySet } from '@countersign/jwt'

export interface ResourceVerifiersDeps {
  readonly issuer: string
  readonly algorithms: readonly JwsAlgorithm[]
  /** The keys whose tokens may be live at a resource. The same object while nothing changed. */
  readonly verifiers: (audience: string) => KeySet
  readonly resource: (audience: string) => { readonly encryption: object | null } | undefined
  readonly revocation: RevocationView
}

/** Units: seconds. How far ahead the clock of another node of this service may be. */
const leewaySeconds = 10

/**
 * Finds the verifier of an access token of this issuer by the resource that the token claims to be for.
 * Why: the claimed audience only picks the keys, so a resource with a shared secret cannot speak for another one.
 * The token of a resource that encrypts is accepted in its envelope only.
 * Source: RFC 9068 §4; RFC 8725 §3.1; ours.
 */
export function createResourceVerifiers(deps: ResourceVerifiersDeps): TokenIssuers {
  const known = new Map<string, IssuerVerifier>()
  const ofNone = refuseAudience(create('', 'optional'))
  /** The start of the payload of a token for the audience that was asked for last. */
  let recent: { readonly audience: string; readonly start: string } | undefined

  function create(audience: string, envelope: IssuerVerifier['envelope']): IssuerVerifier {
    const { issuer, algorithms, verifiers, revocation } = deps
    const keys = holdGivenKeys({ keySet: () => verifiers(audience) }, algorithms)
    // No token is for the issuer's own name without a resource of that name.
    const accepted = {
      audience: audience || issuer,
      allowOtherAudiences: false,
      profile: undefined,
    }
    const policy = { issuer, algorithms, leewaySeconds, envelope, ...accepted }
    return createIssuerVerifier(policy, keys, revocation, () => undefined)
  }

  function verifierOf(audience: string): IssuerVerifier {
    const resource = deps.resource(audience)
    if (resource === undefined) {
      known.delete(audience)
      return ofNone
    }
    const envelope = resource.encryption === null ? 'optional' : 'required'
    const found = known.get(audience)
    if (found?.envelope === envelope) return found
    const made = endAtExpiry(create(audience, envelope))
    known.set(audience, made)
    return made
  }

  function find(token: string): IssuerVerifier {
    if (recent !== undefined && startsPayload(token, recent.start))
      return verifierOf(recent.audience)
    const audience = claimedAudience(token)
    if (audience === undefined) return ofNone
    const verifier = verifierOf(audience)
    if (verifier !== ofNone) recent = { audience, start: payloadStart(deps.issuer, audience) }
    return verifier
  }

  return {
    only: undefined,
    findVerifier: (token) => ok(find(token)),
    trusts: (verifier) =>
      typeof verifier.audience === 'string' && verifierOf(verifier.audience) === verifier,
  }
}

/** A verifier for tokens that name no resource: they are proven, so that the refusal has the true reason. */
function refuseAudience(verifier: IssuerVerifier): IssuerVerifier {
  return {
    ...verifier,
    verify: (keySet, token, now) => {
      const verified = verifier.verify(keySet, token, now)
      if (!verified.ok) return verified
      const { aud = [] } = verified.value.claims
      return refuse({ reason: 'audience_mismatch', found: [aud].flat().slice(0, 8), expected: [] })
    },
  }
}

/** The leeway of a verifier is for the clocks of others. The end of a token was set by this one. */
function endAtExpiry(verifier: IssuerVerifier): IssuerVerifier {
  return {
    ...verifier,
    verify: (keySet, token, now) => {
      const verified = verifier.verify(keySet, token, now)
      if (!verified.ok) return verified
      const { exp } = verified.value.claims
      if (exp === undefined || now < exp) return verified
      return refuse({ reason: 'expired', expiredAt: exp, now })
    },
  }
}

/** The payload of a token that this service made starts so. It ends after the audience, whole. */
function payloadStart(issuer: string, audience: string): string {
  const text = JSON.stringify({ iss: issuer, aud: audience, sub: '' }).slice(0, -':""}'.length)
  const bytes = Buffer.from(text)
  // Whole groups of letters only. The two bytes that this may cut off are not of the audience.
  return bytes.toString('base64url', 0, bytes.length - (bytes.length % 3))
}

/** Why not `startsWith`: it compares letter by letter, and takes half as long again. */
function startsPayload(token: string, start: string): boolean {
  const at = token.indexOf('.') + 1
  return token.slice(at, at + start.length) === start
}

/** Units: characters. A longer text is no token of this issuer, and the verifier has its own limit. */
const tokenLengthMax = 65_536

/**
 * Reads the audience that a token claims. Nothing of it is proven by that.
 * Why: the chosen verifier reads the payload strictly. It refuses what two readers could read differently.
 */
function claimedAudience(token: string): string | undefined {
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
