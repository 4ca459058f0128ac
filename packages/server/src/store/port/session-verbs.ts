import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { FactorUse, Level } from './factor-records.ts'
import type { NewMail } from './outbox-verbs.ts'
import type { FamilyRecord, FamilyUser, NewFamily } from './records.ts'
import type { RefreshPlan, RotateOutcome } from './refresh-verbs.ts'
import type { TicketKey } from './ticket-verbs.ts'
import type { UserId } from './user-records.ts'

/** The facts of a sign-in that a session keeps next to its refresh family. */
export interface SessionFacts {
  /** The SHA-256 of the secret of its browser, base64url. */
  readonly browserHash: string
  /** `1` for one factor, `2` for two. Level 2 falls to 1 after a day, or after an hour without a visit. */
  readonly acr: Level
  /** How the user signed in. Source: RFC 8176. */
  readonly amr: readonly string[]
  /** Whether the session outlives the browser's own session. */
  readonly isPersistent: boolean
  /** A short name of the browser, for the list of sessions. */
  readonly agent: string
  /** The IPv4 address or the IPv6 network of the sign-in. */
  readonly network: string
}

/** A browser session with its refresh family. */
export interface SessionRecord extends SessionFacts {
  readonly userId: UserId
  /** When the user last proved to be there. Source: RFC 9470 §4 (`auth_time`). */
  readonly authTime: EpochSeconds
  /** When the user last proved it at the level of the session. */
  readonly provedAt: EpochSeconds
  readonly lastSeen: EpochSeconds
  readonly family: FamilyRecord
}

/** A session to be opened. */
export interface NewSession extends SessionFacts {
  readonly family: NewFamily & { readonly user: FamilyUser }
}

/** The facts that a new session relies on besides its user. */
export interface SessionOrigin {
  /** A ticket that the sign-in spends, in the same transaction. */
  readonly ticket?: TicketKey | undefined
  /** The session that the browser had. It ends. */
  readonly replaces?: string | undefined
  /** The hash that the browser had before. Its waiting requests of apps belong to the new one from now on. */
  readonly formerBrowserHash?: string | undefined
  /** The code that the sign-in uses up, in the same transaction. */
  readonly use?: FactorUse | undefined
  /** The mail that tells the user of it. */
  readonly mails?: readonly NewMail[] | undefined
  /** Whether the user never signed in before. Then the moment is noted. Default: false. */
  readonly isFirst?: boolean
}

/** A new proof in a session. Its secret is exchanged, as in a rotation. */
export interface SessionProof extends Pick<SessionFacts, 'acr' | 'amr'> {
  readonly userId: UserId
  readonly rotation: RefreshPlan
  /** The code that the proof uses up, in the same transaction. */
  readonly use?: FactorUse | undefined
  readonly mails?: readonly NewMail[] | undefined
}

/** Units: seconds. How long level 2 holds after its proof, and between two visits. */
export const levelSecondsMax = 86_400
export const levelIdleSecondsMax = 3_600

/** The count of sessions of one user. A new one beyond it ends those that were seen longest ago. */
export const sessionsPerUserMax = 100

/** Units of `lastSeen`: it is written once a minute at most. */
export const seenSecondsMin = 60

export interface SessionVerbs {
  /**
   * Opens a session, and ends the one that the browser had, and the oldest beyond the count of a user. `stale_user`: the user has another version by now, or may
   * not sign in. `spent`: the ticket was used, has expired, or is of another browser. `used`: the code was used before. `too_weak`: one factor was proven, and the user has two. Nothing was opened then.
   */
  open(
    session: NewSession,
    origin: SessionOrigin,
    audit: AuditContext,
  ): Promise<'opened' | 'stale_client' | 'stale_user' | 'spent' | 'used' | 'too_weak'>
  /**
   * Notes a new proof: sets the level, the methods and the moment, and exchanges the secret. `used`: the code was used
   * before; nothing changed. The other outcomes are those of a rotation.
   */
  prove(
    proof: SessionProof,
    audit: AuditContext,
  ): Promise<RotateOutcome | { readonly outcome: 'used' }>
  /** Finds a live session. Not checked: its secret and its browser. The caller compares both. */
  find(sid: string): Promise<SessionRecord | undefined>
  /** Gives the live sessions of a user, those seen last first. */
  list(userId: UserId, limit: number): Promise<readonly SessionRecord[]>
  /** Notes that a session was used, once a minute at most. */
  touch(sid: string): Promise<void>
  /** Ends one session of this user and revokes its tokens. `unknown`: the user has no such session. */
  end(
    sid: string,
    userId: UserId,
    reason: string,
    audit: AuditContext,
  ): Promise<'ended' | 'unknown'>
  /** Ends all sessions of the user but one, and gives their count. */
  endOthers(
    userId: UserId,
    keptSid: string | null,
    reason: string,
    audit: AuditContext,
  ): Promise<number>
}
