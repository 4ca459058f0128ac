import type { AuditContext } from '../../audit/events.ts'
import type { NewMail } from './outbox-verbs.ts'
import type { UserId } from './user-records.ts'
import type { NewPassword } from './user-verbs.ts'

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
}
