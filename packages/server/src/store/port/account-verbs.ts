import type { AuditContext } from '../../audit/events.ts'
import type { NewMail } from './outbox-verbs.ts'
import type { UserId } from './user-records.ts'
import type { NewPassword } from './user-verbs.ts'
import type { Row } from './verb.ts'

/** The person who acts in a session. An act by a session that has ended meanwhile changes nothing. */
export interface SessionActor {
  readonly userId: UserId
  readonly sid: string
}

/** The acts of people on their own accounts. Each checks in its transaction that the session of the person is still there. */
export interface AccountVerbs {
  /**
   * Sets the password, revokes all tokens, and ends all sign-ins but the session of the person. `others` counts the other
   * sessions. `session_ended`: nothing changed.
   */
  changePassword(
    actor: SessionActor,
    password: NewPassword,
    mail: readonly NewMail[],
    audit: AuditContext,
  ): Promise<
    { readonly outcome: 'changed'; readonly others: number } | { readonly outcome: 'session_ended' }
  >
  /**
   * Sets the moment at which the user is erased, and makes the ticket that revokes this. Writes the mail with its link.
   * `waiting`: a deletion is waiting already, which stays.
   */
  requestErasure(
    actor: SessionActor,
    request: ErasureRequest,
    mail: readonly NewMail[],
    audit: AuditContext,
  ): Promise<'requested' | 'waiting' | 'session_ended'>
  /** Keeps an account whose deletion is waiting. `none`: none is, or its moment has come. */
  keepAccount(actor: SessionActor, audit: AuditContext): Promise<'kept' | 'none' | 'session_ended'>
  /** Keeps it by the ticket that was sent by mail. `none`: the ticket is unknown, spent or expired too. */
  keepByLink(hash: string, audit: AuditContext): Promise<'kept' | 'none'>
  /** Erases the user of a session at once. */
  eraseNow(actor: SessionActor, audit: AuditContext): Promise<'erased' | 'session_ended'>
  /** Gives all rows about a user by table, without secrets, hashes and seals. */
  exportRows(userId: UserId): Promise<UserExport>
  /** Gives the events that name a user below an id of the audit log, the newest first, in one short step. */
  exportEvents(userId: UserId, below: number): Promise<ExportedEvents>
  /** Erases one user whose moment has come. Of callers at once exactly one erases each. */
  eraseDue(audit: AuditContext): Promise<'erased' | 'none'>
}

/** A deletion to wait for. */
export interface ErasureRequest {
  /** The SHA-256 of the secret in the link that keeps the account, base64url. */
  readonly linkHash: string
  /** Units: seconds. */
  readonly waitSeconds: number
}

/** The rows about a user, by table. */
export type UserExport = Readonly<Record<string, readonly Row[]>>

/** The events of one step; the next one begins below `below`. */
export interface ExportedEvents {
  readonly events: readonly object[]
  readonly below: number | null
}
