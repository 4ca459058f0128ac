import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type {
  DatedEntry,
  DisabledClients,
  LogHead,
  LogLink,
  RevocationEntry,
  RevocationTarget,
  TokenOwner,
} from './records.ts'
import type { Spending } from './spending.ts'

/** The verbs of the revocation log. */
export interface RevocationVerbs {
  /**
   * Writes an entry, or answers an earlier one that says the same; without `until` it lives as long as any token that
   * may be out by now. An entry against the issuer ends all refresh families too. With the owner of the token, more than
   * 100 live token entries of one family become one entry that ends the family, and more than 5,000 of one client become
   * one client entry (its version is raised); that is then the answer.
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
  /** The last link at a number or below it; `undefined` where none is kept. */
  linkUpTo(sequence: number): Promise<LogLink | undefined>
  /** Live entries with a sequence above `after`, in order. */
  page(after: number, limit: number): Promise<readonly RevocationEntry[]>
  /**
   * Begins a new epoch with everything issued up to a moment revoked and all families ended; answers the entry, which
   * lives as long as the longest token that the service allows. Default moment: now.
   */
  startEpoch(
    epoch: string,
    issuedUpTo: EpochSeconds | undefined,
    audit: AuditContext,
  ): Promise<RevocationEntry>
  /**
   * Makes a restored database safe: a new epoch as above, and all token, feed and encryption keys burnt; with
   * `disableClients` every client is disabled.
   */
  recover(
    epoch: string,
    options: { readonly disableClients: boolean },
    audit: AuditContext,
  ): Promise<Recovery>
  /** Where both logs stand, and whether they no longer continue a place that this process read before. */
  headSince(
    known: LogHead | undefined,
  ): Promise<{ readonly head: LogHead; readonly wentBack: boolean }>
  /**
   * Begins a new epoch by compare-and-set when the logs went back behind `known`. `intact`: they did not.
   * `too_soon`: the present epoch is less than a minute old.
   */
  startEpochAfterRollback(
    known: LogHead,
    epoch: string,
    audit: AuditContext,
  ): Promise<'begun' | 'intact' | 'too_soon'>
  /** The clients that are disabled, as one look sees them. */
  disabledClients(): Promise<DisabledClients>
  /**
   * Writes lost entries again unless the log says as much, raises versions, burns keys, ends families and disables
   * clients accordingly. `nothing_lost`: nothing was written. `other_epoch`: another one began meanwhile.
   */
  heal(
    epoch: string,
    lost: LostKnowledge,
    audit: AuditContext,
  ): Promise<'healed' | 'nothing_lost' | 'other_epoch'>
}

/** What a restore did, and the moment since which it knows nothing. */
export interface Recovery {
  /** The last event in the audit log of the backup; `null` where it holds none. */
  readonly lastEventAt: EpochSeconds | null
  readonly keysBurnt: number
  readonly clientsDisabled: number
}

/** What a process knows from the log as it was before a rollback. */
export interface LostKnowledge {
  /** Entries that live, read from the database by this process. */
  readonly entries: readonly DatedEntry[]
  /** Internal ids of clients that were disabled. */
  readonly disabled: readonly string[]
}
