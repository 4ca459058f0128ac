import {
  ok,
  refuse,
  createDpopProofVerifier,
  type EpochSeconds,
  type JwsAlgorithm,
  type Result,
  type VerifiedDpopProof,
} from '@countersign/jwt'
import { createHash } from 'node:crypto'
import { isAllowedAddress } from '../outbound/fetch-document.ts'
import type { RequestReader } from '../policy/request.ts'
import type { GuardRefusal } from '../refusal.ts'
import type { DpopOptions, NonceSource, ReplayVerdict } from './options.ts'
import { createReplayMemory } from './replay-memory.ts'

/** Checks that the sender of a request holds the key its token is bound to. Undefined when it does. */
export type CheckSender = <Request>(
  reader: RequestReader<Request>,
  request: Request,
  token: string,
  boundTo: string,
  now: EpochSeconds,
) => GuardRefusal | undefined | Promise<GuardRefusal | undefined>

/** What senders may sign proofs with unless told otherwise. */
const algorithmsDefault: readonly JwsAlgorithm[] = [
  'ES256',
  'ES384',
  'Ed25519',
  'EdDSA',
  'PS256',
  'RS256',
]

/** Units: seconds. */
const leewaySeconds = 10

/** The algorithms of proofs, for the challenge. */
export function proofAlgorithms({
  algorithms = algorithmsDefault,
}: DpopOptions): readonly JwsAlgorithm[] {
  return algorithms
}

/**
 * Prepares the check of senders: one proof, well made, for this request, this token and this key, fresh, used once.
 * Refuses: `proof_missing`, `proof_invalid`, `proof_nonce_required`, `proof_replayed`, `binding_mismatch`,
 * `proof_memory_full`.
 * Throws: TypeError for a public origin that is no https address, or for unfit algorithms.
 * Source: RFC 9449 §4.3, §7.1, §9, §11.1.
 */
export function createCheckSender(options: DpopOptions): CheckSender {
  const { publicOrigin, nonces, replays = createReplayMemory(), proofAgeSecondsMax = 60 } = options
  // Behind a query or a fragment all paths would be one.
  if (!isAllowedAddress(publicOrigin) || publicOrigin.includes('?') || publicOrigin.includes('#'))
    throw new TypeError('dpop needs publicOrigin, an https address without query and fragment')
  const base = publicOrigin.endsWith('/') ? publicOrigin.slice(0, -1) : publicOrigin
  const verify = createDpopProofVerifier({
    algorithms: proofAlgorithms(options),
    maxAgeSeconds: proofAgeSecondsMax,
    leewaySeconds,
  })

  return (reader, request, token, boundTo, now) => {
    const proof = reader.header(request, 'dpop')
    if (proof === undefined) return { reason: 'proof_missing', proven: true }
    const verified = verify(proof, {
      method: reader.method(request),
      url: base + pathOf(reader.url(request)),
      accessToken: token,
      jkt: boundTo,
      now,
    })
    if (!verified.ok) return describe(verified.refusal)
    const nonce = checkNonce(verified.value, nonces, now)
    if (!nonce.ok) return nonce.refusal
    const { jkt, claims } = verified.value
    const until = (claims.iat + proofAgeSecondsMax + leewaySeconds) as EpochSeconds
    const verdict = replays.remember(proofId(jkt, claims.jti), until, now)
    return verdict instanceof Promise ? verdict.then(refusalOf) : refusalOf(verdict)
  }
}

function refusalOf(verdict: ReplayVerdict): GuardRefusal | undefined {
  if (verdict === 'fresh') return undefined
  if (verdict === 'seen') return { reason: 'proof_replayed', proven: true }
  return { reason: 'proof_memory_full', proven: true, retryAfterSeconds: leewaySeconds }
}

function describe(refusal: { readonly reason: string; readonly claim?: string }): GuardRefusal {
  if (refusal.reason === 'key_mismatch') return { reason: 'binding_mismatch', proven: true }
  const { reason, claim } = refusal
  return {
    reason: 'proof_invalid',
    proven: true,
    detail: claim === undefined ? reason : `${reason} ${claim}`,
  }
}

function checkNonce(
  { claims }: VerifiedDpopProof,
  nonces: NonceSource | undefined,
  now: EpochSeconds,
): Result<undefined, GuardRefusal> {
  const { nonce } = claims
  if (nonces === undefined || (typeof nonce === 'string' && nonces.accepts(nonce, now)))
    return ok(undefined)
  return refuse({ reason: 'proof_nonce_required', proven: true, nonce: nonces.issue(now) })
}

/** One proof in a fixed size, whatever length its `jti` has. */
function proofId(jkt: string, jti: string): string {
  return createHash('sha256').update(`${jkt} ${jti}`).digest('base64url')
}

/** The path of a request target; its authority, if it brings one, is the sender's and not believed. */
function pathOf(target: string): string {
  if (target.startsWith('/') || !URL.canParse(target)) return target
  const { pathname, search } = new URL(target)
  return pathname + search
}
