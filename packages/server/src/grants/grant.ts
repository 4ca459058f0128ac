import type { EpochSeconds, Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuditCollector } from '../audit/collector.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { Level } from '../store/port/factor-records.ts'
import type { SpentId } from '../store/port/spending.ts'
import type { Store } from '../store/port/store.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { Field } from '../http/field.ts'
import type { Form } from './form.ts'
import type { RefreshTokens } from './refresh-token.ts'
import type { ProofRefusal, TokenRefusal } from './refusals.ts'
import type { IdTokenPlan } from '../tokens/id-token.ts'
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
  /** The user who signed in with this request. */
  readonly user?: UserRecord | undefined
  /** The level and the methods of that sign-in. Default: the password alone. */
  readonly proof?: UserProof | undefined
}

/** The proof of a user who signed in. */
export interface UserProof {
  readonly acr: Level
  /** Source: RFC 8176. */
  readonly amr: readonly string[]
}

/** The key that a request proved to hold, and the single-use ids of the proof. */
export interface SenderKey {
  readonly jkt: string
  readonly spend: readonly SpentId[]
}

/** A request as the steps of a grant see it: an authenticated client and the proven key. */
export interface GrantRequest extends Pick<
  GrantAttempt,
  'form' | 'client' | 'audit' | 'now' | 'user' | 'proof'
> {
  /** The single-use ids of this request, recorded in the transaction of its commit. */
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
  readonly idToken?: string | undefined
  readonly issuedTokenType?: string | undefined
}

/** The services that grants use. */
export interface GrantDeps {
  readonly store: Pick<Store, 'refreshTokens' | 'spent' | 'audit' | 'users' | 'authorizations'>
  /** Gives a resource from memory. A change of another process arrives within a moment. */
  readonly resource: (audience: string) => ResourceRecord | undefined
  /** Signs, and encrypts where the resource asks for it. */
  readonly mint: (plan: TokenPlan) => MaybePromise<Result<MintedToken, MintRefusal>>
  readonly refreshTokens: RefreshTokens
  readonly refresh: RefreshLifetimes
  readonly randomId: () => string
  /** Counts the events of plain issuance. */
  readonly collector: Pick<AuditCollector, 'add'>
  /** Verifies an access token of this issuer: signature, envelope, times, revocation. */
  readonly readToken: ReadOwnToken
  /** Gives the trusted issuer that an assertion names. Not checked: its signature. */
  readonly trustedIssuer: (assertion: string) => TrustedIssuer | undefined
  /** Whether plain issuance is a row per token instead of a count each second. */
  readonly auditEach: boolean
  /** The parts of OpenID Connect. Absent where no browser can sign in. */
  readonly openid?: OpenidParts | undefined
}

/** The parts of OpenID Connect that grants use. */
export interface OpenidParts {
  /** The audience of tokens for userinfo alone: its address. */
  readonly userinfo: string
  readonly signIdToken: (plan: IdTokenPlan) => MaybePromise<string>
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
  /** The name on the command line. */
  readonly shortName: string
  /** Whether a client that does not authenticate may use it. */
  readonly publicClients: boolean
  /** One sentence for the reference of the HTTP interface. */
  readonly about: string
  /** The parameters of its own. */
  readonly fields: readonly Field[]
  readonly run: (
    attempt: GrantAttempt,
    deps: GrantDeps,
  ) => MaybePromise<Result<TokenGranted, TokenRefusal>>
}
