import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type {
  DatedEntry,
  DisabledRecords,
  LogHead,
  LogLink,
  RevocationEntry,
  TokenOwner,
} from './records.ts'
import type { RevocationTarget } from './revocation-target.ts'
import type { Spending } from './spending.ts'

/** The verbs of the revocation log. */
export interface RevocationVerbs {
  /**
   * Writes an entry, or gives an earlier one that revokes the same. Without `until` it lasts as long as any token that
   * exists now. An entry against the issuer ends all refresh families too. With the owner of the token, more than 100
   * live token entries of one family become one entry that ends the family. More than 5,000 of one client become one
   * client entry, and its version is raised. The result is then that entry.
   * `spent`: a single-use id was used before, and nothing was written.
   */
  add(
    target: RevocationTarget,
    until: EpochSeconds | undefined,
    audit: AuditContext,
    owner?: TokenOwner,
    spending?: Spending,
  ): Promise<RevocationEntry | 'spent'>
  head(): Promise<LogHead>
  /** Gives the last link at a number or below it; `undefined` where none is kept. */
  linkUpTo(sequence: number): Promise<LogLink | undefined>
  /** Gives live entries with a sequence above `after`, in order. */
  page(after: number, limit: number): Promise<readonly RevocationEntry[]>
  /**
   * Begins a new epoch, revokes all tokens issued up to a moment and ends all families. Gives the entry, which lasts as
   * long as the longest token that the service allows. Default moment: now.
   */
  startEpoch(
    epoch: string,
    issuedUpTo: EpochSeconds | undefined,
    audit: AuditContext,
  ): Promise<RevocationEntry>
  /**
   * Makes a restored database safe. It begins a new epoch as above and burns all token, feed and encryption keys; with
   * `disableClients` it disables every client.
   */
  recover(
    epoch: string,
    options: { readonly disableClients: boolean },
    audit: AuditContext,
  ): Promise<Recovery>
  /** Gives the heads of both logs, and whether the logs no longer continue a head that this process read before. */
  headSince(
    known: LogHead | undefined,
  ): Promise<{ readonly head: LogHead; readonly wentBack: boolean }>
  /**
   * Begins a new epoch by compare-and-set when the logs were rolled back behind `known`. `intact`: they were not.
   * `too_soon`: the present epoch is less than a minute old.
   */
  startEpochAfterRollback(
    known: LogHead,
    epoch: string,
    audit: AuditContext,
  ): Promise<'begun' | 'intact' | 'too_soon'>
  /** Gives the clients and users that are disabled, read in one statement. */
  disabledRecords(): Promise<DisabledRecords>
  /**
   * Writes again each lost entry that the log does not cover. It also repeats their effects: raised versions, burnt
   * keys, ended families, disabled clients and users. `nothing_lost`: nothing was written. `other_epoch`: another epoch began
   * meanwhile.
   */
  heal(
    epoch: string,
    lost: LostKnowledge,
    audit: AuditContext,
  ): Promise<'healed' | 'nothing_lost' | 'other_epoch'>
}

/** The effects of a restore, and the moment after which the backup knows nothing. */
export interface Recovery {
  /** The last event in the audit log of the backup; `null` where it holds none. */
  readonly lastEventAt: EpochSeconds | null
  readonly keysBurnt: number
  readonly clientsDisabled: number
}

/** Entries, disabled clients and disabled users that a process read from the log before a rollback. */
export interface LostKnowledge {
  /** Live entries that this process read from the database. */
  readonly entries: readonly DatedEntry[]
  /** Internal ids of clients that were disabled. */
  readonly clients: readonly string[]
  /** Ids of users that were disabled. */
  readonly users: readonly string[]
}
