import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { NewFamily, FamilyUser } from './records.ts'
import type { Spending } from './spending.ts'
import type { UserId } from './user-records.ts'

/** Names one authorization request that waits for its user. Both must fit. */
export interface PendingKey {
  /** The SHA-256 of its id, base64url. */
  readonly hash: string
  /** The SHA-256 of the secret of the browser that it belongs to, base64url. */
  readonly browserHash: string
}

/** An authorization request that waits for its user. */
export interface PendingAuthorization {
  readonly clientId: string
  /** The request as JSON text. */
  readonly request: string
  readonly startedAt: EpochSeconds
}

/** An authorization request to be kept. */
export interface NewPendingAuthorization extends PendingKey {
  readonly clientId: string
  readonly request: string
  readonly ttlSeconds: number
}

/** The access that a user lets a client have at one resource. */
export interface ConsentKey {
  readonly userId: UserId
  readonly clientId: string
  readonly audience: string
  /** The host that the codes go to. */
  readonly redirectHost: string
}

/** A consent that a user gave. */
export interface ConsentRecord extends ConsentKey {
  readonly scopes: readonly string[]
  readonly givenAt: EpochSeconds
}

/** The bindings of an authorization code. Nothing of them is asked again. */
export interface CodeBinding {
  readonly clientId: string
  readonly redirectUri: string
  readonly userId: UserId
  /** The browser session in which the user agreed. */
  readonly sessionSid: string
  /** The S256 challenge; empty where the client is allowed to have none. */
  readonly challenge: string
  /** The thumbprint of a key; empty where it is bound to none. */
  readonly jkt: string
  readonly audience: string
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
  /** The claims that were asked for by name, in the id token and at userinfo. */
  readonly idTokenClaims: readonly string[]
  readonly userinfoClaims: readonly string[]
  readonly nonce: string | null
  readonly isOffline: boolean
}

/** A code to be made. */
export interface NewCode extends CodeBinding {
  /** The SHA-256 of the code, base64url. */
  readonly hash: string
  readonly ttlSeconds: number
}

/** A code as the database holds it. */
export interface CodeRecord extends CodeBinding {
  readonly authTime: EpochSeconds
  readonly acr: '1' | '2'
  readonly amr: readonly string[]
  /** The family that it gave; `null` for a code that was not used. */
  readonly familySid: string | null
  readonly expiresAt: EpochSeconds
}

/** The commit of an authorization request. */
export interface CodeOrigin {
  /** The waiting request that this answer ends. */
  readonly pending?: PendingKey | undefined
  /** The scopes to be kept for the next time. */
  readonly consent?: Pick<ConsentRecord, keyof ConsentKey | 'scopes'> | undefined
}

/** The use of a code. */
export interface CodeRedemption extends Spending {
  readonly hash: string
  readonly clientId: string
  readonly family: NewFamily & { readonly user: FamilyUser }
}

/**
 * `unknown`: there is no such code of this client, or it has expired. `replayed`: it was used before, and its family
 * has ended now. `session_ended`: its user signed out since.
 */
export type CodeOutcome =
  | 'redeemed'
  | 'unknown'
  | 'replayed'
  | 'session_ended'
  | 'stale_client'
  | 'stale_user'
  | 'spent'

/** A client that a user signed in to, from one browser session. */
export interface ClientSession {
  /** The refresh family at the client; `sid` of its access tokens. */
  readonly sid: string
  /** The browser session; `sid` of its id tokens. */
  readonly sessionSid: string
  readonly clientId: string
  readonly userId: UserId
  readonly authTime: EpochSeconds
  readonly acr: '1' | '2'
  readonly amr: readonly string[]
  readonly identityScopes: readonly string[]
  readonly idTokenClaims: readonly string[]
  readonly userinfoClaims: readonly string[]
}

/** The failed tries of the right client that end a code. */
export const codeTriesMax = 5

/** The count of requests that one browser may have open. Older ones beyond it are dropped. */
export const pendingPerBrowserMax = 20

export interface AuthorizationVerbs {
  /** Keeps a request until its user has answered. */
  hold(pending: NewPendingAuthorization): Promise<void>
  /** Finds a waiting request of this browser. It stays. */
  findPending(key: PendingKey): Promise<PendingAuthorization | undefined>
  /** Drops a waiting request, because it was refused. `false`: another answer was quicker. */
  dropPending(key: PendingKey): Promise<boolean>
  findConsent(key: ConsentKey): Promise<ConsentRecord | undefined>
  /**
   * Makes a code, ends the request that it answers, and keeps the consent. `spent`: the request was answered before.
   * `session_ended`: the browser session is gone, or has another user.
   */
  giveCode(
    code: NewCode,
    origin: CodeOrigin,
    audit: AuditContext,
  ): Promise<'given' | 'spent' | 'session_ended'>
  /** Finds a code, used or not. Not checked: its client. */
  findCode(hash: string): Promise<CodeRecord | undefined>
  /**
   * Counts a failed try of the right client; the last one ends the code.
   * Why others count nothing: they could end the code of an honest client.
   */
  failCode(hash: string, clientId: string): Promise<void>
  /** Spends a code and opens its family. A second use ends the family and revokes its tokens. */
  redeemCode(redemption: CodeRedemption, audit: AuditContext): Promise<CodeOutcome>
  /** Finds the session at a client by its refresh family. */
  findClientSession(sid: string): Promise<ClientSession | undefined>
}
