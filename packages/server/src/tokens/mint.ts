import { ok, refuse, signJwt, type EpochSeconds, type Key, type Result } from '@countersign/jwt'
import type { ResourceEncryption, ResourceRecord } from '../store/port/records.ts'
import { buildClaims, expiryOf, type BuiltClaims, type ClaimsDeps } from './claims.ts'
import type { EncryptionRefusal, MintedToken, MintRefusal, StatusClaim, TokenPlan } from './plan.ts'
import type { MaybePromise } from '../maybe-promise.ts'

export interface MintDeps extends ClaimsDeps {
  /** The key that signs for a resource, once it has promised to verify until then; at once where that stands already. */
  readonly signingKey: (resource: ResourceRecord, until: EpochSeconds) => MaybePromise<Key>
  readonly encrypt: EncryptTo
  /** Everything issued at this moment or before is dead; -1 for nothing. */
  readonly deadUpTo: () => number
  /** Resolves with the time once this moment has passed; at once with nothing where it is too far ahead to be waited for. */
  readonly after: (moment: number) => Promise<EpochSeconds | undefined>
  /** The place in a status list, for a resource that asks for one. */
  readonly refer: (plan: TokenPlan, until: EpochSeconds) => MaybePromise<StatusClaim>
}

/** Encrypts a signed token to the resource that asks for it. */
export type EncryptTo = (
  signed: string,
  encryption: ResourceEncryption,
  audience: string,
  /** Until when its recipient must be able to open it. */
  until: EpochSeconds,
) => MaybePromise<Result<string, EncryptionRefusal>>

/** The leeway that our verifiers have without a setting, so that such an `iat` is not too early. Units: seconds. */
const aheadSecondsMax = 10

export type Mint = (plan: TokenPlan) => MaybePromise<Result<MintedToken, MintRefusal>>

/**
 * Makes the mint of access tokens: claims, one signature, and where the resource asks for it an encryption around both.
 * Refuses (the mint): `token_too_large`, `encryption_key_unavailable`, `clock_behind`.
 * Throws (the mint): when no key can sign.
 * Why it may wait: a token of the second in which the whole issuer was revoked would be dead on arrival. A moment that
 * is too far ahead to be waited for, and within the leeway of verifiers, becomes the token's `iat`.
 * Source: RFC 9068 §2; RFC 7519 §5.2 (nesting).
 */
export function createMint(deps: MintDeps): Mint {
  function sign(built: BuiltClaims, key: Key, resource: ResourceRecord): ReturnType<Mint> {
    const signed = signJwt(built.claims, key, { typ: 'at+jwt' })
    if (resource.encryption === null) return minted(signed, built)
    const { encryption, audience } = resource
    const sealed = deps.encrypt(signed, encryption, audience, built.expiresAt)
    return sealed instanceof Promise
      ? sealed.then((settled) => (settled.ok ? minted(settled.value, built) : settled))
      : sealed.ok
        ? minted(sealed.value, built)
        : sealed
  }

  function build(plan: TokenPlan, status?: StatusClaim): ReturnType<Mint> {
    const built = buildClaims(plan, deps, status)
    if (!built.ok) return built
    const { resource } = plan
    const key = deps.signingKey(resource, built.value.expiresAt)
    return key instanceof Promise
      ? key.then((ready) => sign(built.value, ready, resource))
      : sign(built.value, key, resource)
  }

  async function waitFor(moment: number, plan: TokenPlan): Promise<Awaited<ReturnType<Mint>>> {
    const now = await deps.after(moment)
    if (now !== undefined) return mint({ ...plan, now })
    if (moment - plan.now <= aheadSecondsMax) return mint({ ...plan, now: moment as EpochSeconds })
    return refuse({ reason: 'clock_behind', bySeconds: Math.ceil(moment - plan.now) })
  }

  function mint(plan: TokenPlan): ReturnType<Mint> {
    const dead = deps.deadUpTo()
    if (plan.now < dead + 1) return waitFor(dead + 1, plan)
    if (!plan.resource.statusList) return build(plan)
    const status = deps.refer(plan, expiryOf(plan))
    return status instanceof Promise
      ? status.then((ready) => build(plan, ready))
      : build(plan, status)
  }

  return mint
}

function minted(token: string, { jti, expiresAt }: BuiltClaims): Result<MintedToken, never> {
  return ok({ token, jti, expiresAt })
}
