import { signJwt, type EpochSeconds, type Key, type Result } from '@countersign/jwt'
import type { ResourceRecord } from '../store/port/records.ts'
import { buildClaims, type BuiltClaims, type ClaimsDeps } from './claims.ts'
import type { MintedToken, TokenPlan, TokenSizeRefusal } from './plan.ts'

type Soon<T> = T | Promise<T>

export interface MintDeps extends ClaimsDeps {
  /** The key that signs for a resource, once it has promised to verify until then; at once where that stands already. */
  readonly signingKey: (resource: ResourceRecord, until: EpochSeconds) => Soon<Key>
  /** Encrypts a signed token to a resource that asks for it. */
  readonly encrypt: (signed: string, resource: ResourceRecord) => Soon<string>
}

export type Mint = (plan: TokenPlan) => Soon<Result<MintedToken, TokenSizeRefusal>>

/**
 * Makes the mint of access tokens: claims, one signature, and where the resource asks for it an encryption around both.
 * Refuses (the mint): `token_too_large`.
 * Throws (the mint): when no key can sign, or a resource's encryption key cannot be had.
 * Source: RFC 9068 §2; RFC 7519 §5.2 (nesting).
 */
export function createMint(deps: MintDeps): Mint {
  function sign(built: BuiltClaims, key: Key, resource: ResourceRecord): Soon<MintedOk> {
    const signed = signJwt(built.claims, key, { typ: 'at+jwt' })
    if (resource.encryption === null) return minted(signed, built)
    const token = deps.encrypt(signed, resource)
    return token instanceof Promise
      ? token.then((text) => minted(text, built))
      : minted(token, built)
  }

  return (plan) => {
    const built = buildClaims(plan, deps)
    if (!built.ok) return built
    const { resource } = plan
    const key = deps.signingKey(resource, built.value.expiresAt)
    return key instanceof Promise
      ? key.then((ready) => sign(built.value, ready, resource))
      : sign(built.value, key, resource)
  }
}

interface MintedOk {
  readonly ok: true
  readonly value: MintedToken
}

function minted(token: string, { jti, expiresAt }: BuiltClaims): MintedOk {
  return { ok: true, value: { token, jti, expiresAt } }
}
