import type { EpochSeconds, Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { AuthenticRefreshToken, RefreshTokens } from '../grants/refresh-token.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { SessionFacts, SessionProof, SessionRecord } from '../store/port/session-verbs.ts'
import type { Store } from '../store/port/store.ts'
import type { Mint } from '../tokens/mint.ts'
import type { MintedToken, MintRefusal } from '../tokens/plan.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import type { SignInProof } from '../users/sign-in-proof.ts'
import type { VerifiedUser } from '../users/verified-user.ts'

/** A live session whose secret and browser were proven. */
export interface FoundSession {
  readonly record: SessionRecord
  /** The secret as it was presented. */
  readonly presented: AuthenticRefreshToken & { readonly text: string }
}

/** The browser that signs in. */
export interface SigningBrowser extends Pick<SessionFacts, 'isPersistent' | 'agent'> {
  readonly address: string
  readonly browserHash: string
  /** The browser as it was before: its waiting requests of apps go on. Absent where it had no secret. */
  readonly formerBrowserHash: string | undefined
  /** The session that it had. */
  readonly replaces: string | undefined
}

/** The tokens of a session for its browser. */
export interface SessionTokens {
  readonly access: MintedToken
  /** The new secret; absent where the presented one stays. */
  readonly secret: string | undefined
}

/**
 * `ticket_spent`, `code_used`: the proof was used before. `second_factor_needed`: the account asks for more than was
 * proven.
 */
export type OpenRefusal =
  | {
      readonly reason:
        | 'user_changed'
        | 'client_disabled'
        | 'ticket_spent'
        | 'code_used'
        | 'second_factor_needed'
    }
  | MintRefusal

/** A new proof of the user in a session. */
export type NewProof = Pick<SessionProof, 'acr' | 'amr' | 'use' | 'mails'>

/** `session_ended`: there is no such session any more. `code_used`: the code was used before. */
export type ProveRefusal =
  | { readonly reason: 'session_ended' }
  | { readonly reason: 'code_used' }
  | MintRefusal

/**
 * The outcome of a renewal. `fresh`: the browser has all that it needs, with an access token of that moment. `ended`: there
 * is no such session any more.
 */
export type Renewal =
  | { readonly outcome: 'fresh'; readonly issuedAt: EpochSeconds }
  | { readonly outcome: 'ended' }
  | { readonly outcome: 'renewed'; readonly tokens: SessionTokens }
  | { readonly outcome: 'refused'; readonly refusal: MintRefusal }

export interface BrowserSessions {
  /** Opens a session with a new sid for a user who has just proven to be that user. */
  readonly open: (
    user: VerifiedUser,
    proof: SignInProof,
    browser: SigningBrowser,
    audit: AuditContext,
  ) => Promise<Result<SessionTokens & { readonly expiresAt: EpochSeconds }, OpenRefusal>>
  /**
   * Finds the session of a secret in its browser. An old secret that was replaced twice ends the session, because a
   * thief has one of them.
   */
  readonly find: (
    secret: string | undefined,
    browserHash: string,
    audit: AuditContext,
  ) => Promise<FoundSession | undefined>
  /** Gives new tokens where half of the life of the old ones is over, or `always` a new access token. */
  readonly renew: (
    found: FoundSession,
    access: string | undefined,
    when: 'due' | 'always',
    audit: AuditContext,
  ) => Promise<Renewal>
  /** Gives the session the level of a new proof, with a new secret and a new access token. */
  readonly prove: (
    found: FoundSession,
    proof: NewProof,
    audit: AuditContext,
  ) => Promise<Result<SessionTokens, ProveRefusal>>
  readonly end: (found: FoundSession, audit: AuditContext) => Promise<void>
}

export interface SessionDeps {
  readonly store: Pick<Store, 'sessions' | 'refreshTokens' | 'users'>
  readonly secrets: RefreshTokens
  readonly mint: Mint
  /** The resource of the access tokens of sessions. Throws: where there is none, or it encrypts no tokens. */
  readonly resource: () => ResourceRecord
  /** The client of sessions, as it is now. */
  readonly client: () => MaybePromise<ClientRecord | undefined>
  readonly forgetClient: () => void
  /** Reads an access token of this service; `undefined` for one that is expired, revoked or of others. */
  readonly readAccess: (token: string, now: EpochSeconds) => MaybePromise<OwnToken | undefined>
  /** Records that the browser got an access token. */
  readonly noteIssued: (jti: string, audit: AuditContext) => MaybePromise<void>
  readonly randomId: () => string
  readonly now: () => EpochSeconds
  readonly ttlSeconds: number
}
