import { decodeUnverified, ok, refuse, type EpochSeconds, type Result } from '@countersign/jwt'
import { isJwtShaped, type Introspect } from '../introspection/introspect.ts'
import { after, type MaybePromise } from '../policy/maybe-promise.ts'
import type { TokenCache } from './cache.ts'
import { isEnvelope, type EnvelopeOpener, type Opened } from './envelopes.ts'
import type { IssuerVerifier } from './issuer-verifier.ts'
import type { RefusalFacts } from '../refusal.ts'
import {
  legibleEntry,
  namesOfBinding,
  provenFacts,
  readBinding,
  revocationFacts,
  unsupportedBinding,
  type Proof,
  type ProofContext,
  type ProvenToken,
  type TokenRefusal,
} from './proven-token.ts'
import { createSeenBefore } from './seen-before.ts'
import { tokenHash } from './token-hash.ts'
import { verifySigned } from './verify-signed.ts'

/** Finds the verifier of a token. */
export interface TokenIssuers {
  /** The verifier of a single issuer. Its tokens need no decoding to find it. */
  readonly only: IssuerVerifier | undefined
  /** Finds the verifier by the issuer or audience in a signed token, which are not proven yet. */
  readonly findVerifier: (token: string) => MaybePromise<Result<IssuerVerifier, TokenRefusal>>
  /** Whether an earlier verifier is still in force. */
  readonly trusts: (verifier: IssuerVerifier) => boolean
}

/** The parts of a token reader. */
export interface TokenReaderParts<Prepared> {
  readonly issuers: TokenIssuers
  /** Undefined if no envelope can be opened. */
  readonly envelopes: EnvelopeOpener | undefined
  /** The cache of proven tokens. Undefined if every token is verified each time. */
  readonly remember: ProvenTokenCache<Prepared> | undefined
  /** Introspects opaque tokens. */
  readonly introspect?: Introspect | undefined
  /** Makes the data that the owner of the reader needs of a token, once for all its uses. */
  readonly prepare: (
    proof: Proof,
    context: ProofContext,
  ) => MaybePromise<Result<Prepared, RefusalFacts>>
}

type Accepted<Prepared> = { readonly ok: true; readonly value: ProvenToken<Prepared> }

/** The cache of a reader. It keeps complete results, so that a cached token costs no allocation. */
export type ProvenTokenCache<Prepared> = TokenCache<Accepted<Prepared>>

/** Names the sender of a request, so that the calls of one sender can be limited. */
export type Asker = () => string | undefined

/** Reads one token and returns it proven, or a refusal. */
export type ReadToken<Prepared> = (
  token: string,
  now: EpochSeconds,
  asker?: Asker,
) => MaybePromise<Result<ProvenToken<Prepared>, TokenRefusal>>

type Outcome<Prepared> = ReturnType<ReadToken<Prepared>>

/**
 * Creates the reader of access tokens that guard and service share.
 * Refuses: `plain_token` for the inner token of an envelope; the reasons of the envelope, of the core, of introspection
 * and of `prepare`; `binding_unsupported`, `revoked`, `claims_stale`, `revocations_stale`.
 * Not checked: the sender of the token (`boundTo`), and its permissions.
 * Why: a token is cached when it is sent the second time. A cached token costs two comparisons, and revocations are
 * checked again only after a change. Only proven tokens wait for the feed, so that a forged token causes no wait.
 */
export function createTokenReader<Prepared>(
  parts: TokenReaderParts<Prepared>,
): ReadToken<Prepared> {
  const { remember } = parts
  const seenBefore = createSeenBefore()

  function accept(
    token: string,
    hash: number,
    accepted: Accepted<Prepared>,
    now: EpochSeconds,
  ): Outcome<Prepared> {
    const { value } = accepted
    const waiting = value.verifier?.revocation?.catchUp?.()
    return waiting === undefined
      ? acceptLive(token, hash, accepted, now)
      : waiting.then(() => acceptLive(token, hash, accepted, now))
  }

  function acceptLive(
    token: string,
    hash: number,
    accepted: Accepted<Prepared>,
    now: EpochSeconds,
  ): Result<ProvenToken<Prepared>, TokenRefusal> {
    const { value } = accepted
    const revoked = checkRevocation(value)
    if (revoked !== undefined) return refuse(revoked)
    if (remember === undefined || now >= value.expiresAt) return accepted
    // An introspected token is cached at once, because each one costs a call.
    if (value.verifier === undefined || seenBefore(hash)) {
      value.isRemembered = true
      remember.set(token, accepted, hash)
    }
    return accepted
  }

  function checkKnown(
    token: string,
    known: Accepted<Prepared>,
  ): Result<ProvenToken<Prepared>, TokenRefusal> {
    const revoked = checkRevocation(known.value)
    if (revoked === undefined) return known
    remember?.delete(token)
    return refuse(revoked)
  }

  async function checkLater(
    waiting: Promise<void>,
    token: string,
    known: Accepted<Prepared>,
  ): Promise<Result<ProvenToken<Prepared>, TokenRefusal>> {
    await waiting
    return checkKnown(token, known)
  }

  function readNew(
    token: string,
    hash: number,
    now: EpochSeconds,
    asker: Asker | undefined,
  ): Outcome<Prepared> {
    return after(proveToken(token, now, parts, asker), (proven) =>
      proven.ok ? accept(token, hash, proven, now) : proven,
    )
  }

  // A closure here would cost every request, also one with a cached token.
  return (token, now, asker) => {
    const hash = remember === undefined ? 0 : tokenHash(token)
    const known = remember?.get(token, hash)
    if (known === undefined || !isInForce(known.value, parts, now))
      return readNew(token, hash, now, asker)
    const waiting = known.value.verifier?.revocation?.catchUp?.()
    return waiting === undefined ? checkKnown(token, known) : checkLater(waiting, token, known)
  }
}

/**
 * Checks the revocations of a proven token: their age each time, and the token itself only after a change.
 * Why: a caller that waited after reading calls it again, because the token may have been revoked meanwhile.
 */
export function checkRevocation(token: ProvenToken<unknown>): TokenRefusal | undefined {
  const view = token.verifier?.revocation
  if (view === undefined) return undefined
  if (view.isTooStale()) {
    const { ageSeconds } = view.health()
    return { reason: 'revocations_stale', proven: true, ageSeconds, retryAfterSeconds: 5 }
  }
  const generation = view.generation()
  if (generation === token.generation) return undefined
  const verdict = view.check(token.facts)
  if (verdict !== 'live') {
    const by = view.findEntry?.(token.facts)
    const facts = by === undefined ? { reason: verdict } : { reason: verdict, by: legibleEntry(by) }
    return { ...facts, ...provenFacts(token.facts) }
  }
  token.generation = generation
  return undefined
}

/** Whether a cached token is still valid: its times, its issuer, and the keys that decrypted and proved it. */
function isInForce<Prepared>(
  { expiresAt, validFrom, verifier, keySet, openedBy, facts }: ProvenToken<Prepared>,
  { issuers, envelopes }: TokenReaderParts<Prepared>,
  now: EpochSeconds,
): boolean {
  if (now >= expiresAt || now < validFrom) return false
  if (openedBy !== undefined && envelopes?.isInForce(openedBy, facts.envelopeKid) !== true)
    return false
  return (
    verifier === undefined || (issuers.trusts(verifier) && verifier.keys.current(now) === keySet)
  )
}

type Proven<Prepared> = MaybePromise<Accepted<Prepared> | Refused>
interface Refused {
  readonly ok: false
  readonly refusal: TokenRefusal
}

function proveToken<Prepared>(
  token: string,
  now: EpochSeconds,
  parts: TokenReaderParts<Prepared>,
  asker: (() => string | undefined) | undefined,
): Proven<Prepared> {
  const { envelopes, introspect } = parts
  if (introspect !== undefined && !isJwtShaped(token))
    return introspect(token, now, asker).then((answer) => {
      if (!answer.ok) return answer
      const { claims, validUntil } = answer.value
      const proof = { claims, key: undefined, keySet: undefined, validFrom: now, validUntil }
      return prepareToken(proof, undefined, undefined, parts)
    })
  if (!isEnvelope(token)) return proveSigned(token, undefined, now, parts)
  if (envelopes === undefined) return noOpener
  return after(envelopes.openEnvelope(token), (opened) =>
    opened.ok ? proveSigned(opened.value.token, opened.value, now, parts) : opened,
  )
}

function proveSigned<Prepared>(
  token: string,
  opened: Opened | undefined,
  now: EpochSeconds,
  parts: TokenReaderParts<Prepared>,
): Proven<Prepared> {
  const { only, findVerifier } = parts.issuers
  if (only !== undefined) return proveBy(only, token, opened, now, parts)
  return after(findVerifier(token), (found) =>
    found.ok ? proveBy(found.value, token, opened, now, parts) : found,
  )
}

function proveBy<Prepared>(
  verifier: IssuerVerifier,
  token: string,
  opened: Opened | undefined,
  now: EpochSeconds,
  parts: TokenReaderParts<Prepared>,
): Proven<Prepared> {
  if (opened === undefined && verifier.envelope === 'required') return refusePlain(token)
  if (opened?.audience !== undefined && opened.audience !== verifier.audience) {
    const [found, expected] = [[opened.audience], [verifier.audience].flat()]
    return refuse({ reason: 'audience_mismatch', proven: false, found, expected })
  }
  return after(verifySigned(verifier, token, now), (proof) =>
    proof.ok ? prepareToken(proof.value, verifier, opened, parts) : proof,
  )
}

/** Refuses a signed token without its envelope. A text that is no token gets the reason of the core. */
function refusePlain(token: string): Refused {
  const decoded = decodeUnverified(token)
  return decoded.ok ? plainToken : refuse({ ...decoded.refusal, proven: false })
}

const plainToken = refuse<TokenRefusal>({ reason: 'plain_token', proven: false })
const noOpener = refuse<TokenRefusal>({
  reason: 'decryption_failed',
  proven: false,
  cause: { reason: 'key_missing' },
})

function prepareToken<Prepared>(
  proof: Proof,
  verifier: IssuerVerifier | undefined,
  opened: Opened | undefined,
  { prepare }: TokenReaderParts<Prepared>,
): Proven<Prepared> {
  const boundTo = readBinding(proof.claims)
  if (boundTo === unsupportedBinding)
    return refuse<TokenRefusal>({
      reason: 'binding_unsupported',
      found: namesOfBinding(proof.claims),
      ...provenFacts(namesOf(proof)),
    })
  const envelopeKid = opened?.kid
  return after(prepare(proof, { boundTo, envelopeKid }), (prepared) => {
    if (!prepared.ok)
      return refuse<TokenRefusal>({ ...provenFacts(namesOf(proof)), ...prepared.refusal })
    const { keySet, validFrom, validUntil: expiresAt } = proof
    const value: ProvenToken<Prepared> = {
      prepared: prepared.value,
      verifier,
      keySet,
      expiresAt,
      validFrom,
      boundTo,
      facts: revocationFacts(proof, envelopeKid),
      openedBy: opened?.by,
      isRemembered: false,
      generation: -1,
    }
    return ok(value)
  })
}

function namesOf({ claims: { jti }, key }: Proof) {
  return { kid: key?.kid, jti }
}
