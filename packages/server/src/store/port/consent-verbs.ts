import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { UserId } from './user-records.ts'

/** A client that has access for a user: by a consent, by a live sign-in, or by both. */
export interface ConnectedApp {
  readonly clientId: string
  /** The name that users read; `null` for none. */
  readonly name: string | null
  /** The scopes of all resources, each once. */
  readonly scopes: readonly string[]
  /** The first of its consents and live sign-ins. */
  readonly since: EpochSeconds
}

export interface ConsentVerbs {
  /** Gives the clients that have access for a user, in the order of their ids. */
  list(userId: UserId): Promise<readonly ConnectedApp[]>
  /**
   * Forgets the consents of a user for a client, drops its unused codes, ends its families and revokes their tokens.
   * `unknown`: the client has no access for this user.
   */
  revoke(
    userId: UserId,
    clientId: string,
    reason: string,
    audit: AuditContext,
  ): Promise<'revoked' | 'unknown'>
}
