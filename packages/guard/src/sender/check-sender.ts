import {
  ok,
  refuse,
  createDpopProofVerifier,
  type EpochSeconds,
  type JwsAlgorithm,
  type ProfileRefusal,
  type Result,
  type VerifiedDpopProof,
} from '@countersign/jwt'
import { createHash } from 'node:crypto'
import { explainAddress, isAllowedAddress, isPlainHttp } from '../outbound/fetch-document.ts'
import { answerInTime, answerSecondsMax, type Later } from '../outbound/owners-code.ts'
import type { RequestReader } from '../policy/request.ts'
import type { GuardRefusal } from '../refusal.ts'
import { oncePerRequest } from './once-per-request.ts'
import type { DpopOptions, NonceSource, ReplayVerdict } from './options.ts'
import { createReplayMemory } from './replay-memory.ts'

/** Checks that the sender of a request holds the key of its token. Returns undefined if it does. */
export type CheckSender = <Request>(
  reader: RequestReader<Request>,
  request: Request,
  token: string,
  boundTo: string,
  now: EpochSeconds,
) => GuardRefusal | undefined | Promise<GuardRefusal | undefined>

/** The default algorithms of proofs. */
const algorithmsDefault: readonly JwsAlgorithm[] = ['ES256', 'ES384', 'Ed25519', 'EdDSA', 'PS256']

/** Lists the algorithms of proofs, for the challenge. */
export function proofAlgorithms({
  algorithms = algorithmsDefault,
}: DpopOptions): readonly JwsAlgorithm[] {
  return algorithms
}

/**
 * Prepares the check of senders. A request needs one valid proof for this request, token and key. It must be fresh and
 * unused.
 * Refuses: `proof_missing`, `proof_invalid`, `proof_nonce_required`, `proof_replayed`, `binding_mismatch`,
 * `proof_memory_full`.
 * Units: `leewaySeconds`, the largest lead of a sender's clock.
 * Throws: TypeError for a public origin that is no https address, or for unfit algorithms. A promise of the memory
 * that lasts longer than 3 seconds throws an Error.
 * Source: RFC 9449 §4.3, §7.1, §9, §11.1.
 */
export function createCheckSender(
  options: DpopOptions,
  leewaySeconds: number,
  later: Later,
): CheckSender {
  const { publicOrigin, nonces, replays = createReplayMemory(), proofAgeSecondsMax = 60 } = options
  // With a query or a fragment in front, all paths would be one address.
  if (isPlainHttp(publicOrigin)) throw new TypeError(`publicOrigin ${explainAddress(publicOrigin)}`)
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
    if (!verified.ok) return toRefusal(verified.refusal)
    const nonce = checkNonce(verified.value, nonces, now)
    if (!nonce.ok) return nonce.refusal
    const { jkt, claims } = verified.value
    const until = (claims.iat + proofAgeSecondsMax + leewaySeconds) as EpochSeconds
    const id = proofId(jkt, claims.jti)
    const verdict = oncePerRequest(replays, reader.identity?.(request), id, () =>
      replays.remember(id, until, now, jkt),
    )
    // The promise may come from another library.
    if (typeof verdict === 'string') return refusalOf(verdict)
    return answerInTime(() => verdict, answerSecondsMax, later).then(refusalOf)
  }
}

/** Units: seconds. */
const retryAfterSeconds = 10

function refusalOf(verdict: ReplayVerdict): GuardRefusal | undefined {
  if (verdict === 'fresh') return undefined
  if (verdict === 'seen') return { reason: 'proof_replayed', proven: true }
  return { reason: 'proof_memory_full', proven: true, retryAfterSeconds }
}

function toRefusal(refusal: ProfileRefusal): GuardRefusal {
  if (refusal.reason !== 'key_mismatch')
    return { reason: 'proof_invalid', proven: true, cause: refusal }
  return { ...refusal, reason: 'binding_mismatch', proven: true }
}

function checkNonce(
  { claims }: VerifiedDpopProof,
  nonces: NonceSource | undefined,
  now: EpochSeconds,
): Result<undefined, GuardRefusal> {
  const { nonce } = claims
  if (nonces === undefined) return ok(undefined)
  // Only true does: the promise of a source that answers later would accept every nonce.
  const accepted: unknown = typeof nonce === 'string' && nonces.accepts(nonce, now)
  if (accepted === true) return ok(undefined)
  const found = nonce === undefined ? 'none' : 'stale'
  return refuse({ reason: 'proof_nonce_required', proven: true, found, nonce: nonces.issue(now) })
}

/** Hashes a proof's id, so that each id has the same size. */
function proofId(jkt: string, jti: string): string {
  return createHash('sha256').update(`${jkt} ${jti}`).digest('base64url')
}

/** Returns the path of a request target as it was sent. An authority in it comes from the sender and is ignored. */
function pathOf(target: string): string {
  const scheme = target.indexOf('://')
  if (target.startsWith('/') || scheme === -1) return target
  const path = target.indexOf('/', scheme + 3)
  return path === -1 ? '/' : target.slice(path)
}
