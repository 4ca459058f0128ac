import type { EpochSeconds, Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuditCollector } from '../audit/collector.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { Store } from '../store/port/store.ts'
import type { Form } from './form.ts'
import type { RefreshTokens } from './refresh-token.ts'
import type { ProofRefusal, TokenRefusal } from './refusals.ts'
import type { ReadOwnToken } from '../tokens/own-reader.ts'
import type { MintedToken, MintRefusal, TokenPlan } from '../tokens/plan.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'
import type { MaybePromise } from '../maybe-promise.ts'

/** A request of an authenticated client, as it comes to a grant. The proof of a key is still unread. */
export interface GrantAttempt {
  readonly form: Form
  readonly client: ClientRecord
  /** The single-use ids that authenticated the client. */
  readonly spend: readonly SpentId[]
  /** Checks the proof of a key, where there is one. A client without the grant causes no such work. */
  readonly prove: () => MaybePromise<Result<SenderKey | undefined, ProofRefusal>>
  /** Whether the caller repeats a request that an old record of the client decided. That refusal is not audited. */
  readonly mayRepeat: boolean
  readonly audit: AuditContext
  readonly now: EpochSeconds
}

/** The key that a request proved to hold, and the single-use ids of the proof. */
export interface SenderKey {
  readonly jkt: string
  readonly spend: readonly SpentId[]
}

/** A request as the steps of a grant see it: an authenticated client and the proven key. */
export interface GrantRequest extends Pick<GrantAttempt, 'form' | 'client' | 'audit' | 'now'> {
  /** Single-use ids that admitted this request, recorded in the transaction of the act. */
  readonly spend: readonly SpentId[]
  /** Thumbprint of the key that a DPoP proof was made with. */
  readonly jkt: string | undefined
}

/** The answer of a grant; the endpoint renders it. */
export interface TokenGranted {
  readonly accessToken: string
  readonly tokenType: 'Bearer' | 'DPoP'
  readonly expiresInSeconds: number
  readonly scopes: readonly string[]
  readonly refreshToken?: string | undefined
  readonly issuedTokenType?: string | undefined
}

/** Everything that a grant works with. */
export interface GrantDeps {
  readonly store: Pick<Store, 'refreshTokens' | 'spent' | 'audit'>
  /** A resource from memory; what another process changed is seen soon after. */
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** Signs, and encrypts where the resource asks for it. */
  readonly mint: (plan: TokenPlan) => MaybePromise<Result<MintedToken, MintRefusal>>
  readonly refreshTokens: RefreshTokens
  readonly refresh: RefreshLifetimes
  readonly randomId: () => string
  /** Takes the events of plain issuance, to be counted. */
  readonly collector: Pick<AuditCollector, 'add'>
  /** Proves an access token of this issuer: signature, envelope, times, revocation. */
  readonly readToken: ReadOwnToken
  /** The trusted issuer that an assertion claims to be from; nothing of it is proven by that. */
  readonly trustedIssuer: (assertion: string) => TrustedIssuer | undefined
  /** Whether plain issuance is a row per token instead of a count each second. */
  readonly auditEach: boolean
}

/** Units: seconds. */
export interface RefreshLifetimes {
  readonly idleTtlSeconds: number
  readonly absoluteTtlSeconds: number
  readonly repeatWindowSeconds: number
}

/** One row of the table of grants. */
export interface Grant {
  readonly grantType: string
  /** Whether a client that proves nothing about itself may use it. */
  readonly publicClients: boolean
  readonly run: (
    attempt: GrantAttempt,
    deps: GrantDeps,
  ) => MaybePromise<Result<TokenGranted, TokenRefusal>>
}
