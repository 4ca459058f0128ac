import type { AuditContext } from '../../audit/events.ts'
import type { FamilyRecord, NewFamily } from './records.ts'
import type { Spending } from './spending.ts'

/**
 * The facts of one rotation. The next tokens are made and signed before it.
 * Not checked: the tag of the presented token. The caller has verified it.
 */
export interface RefreshPlan extends Spending {
  readonly sid: string
  readonly clientId: string
  /** The version that the decision relied on; when it is another by now, the outcome is `stale_client`. */
  readonly clientVersion: number
  readonly presentedGeneration: number
  readonly presentedHash: string
  readonly nextHash: string
  readonly nextSeal: Uint8Array
  readonly jkt: string | null
  /** Units: seconds. */
  readonly repeatWindowSeconds: number
  /** Accepts a repeat until the successor is first used; for clients that authenticate or prove a key. */
  readonly repeatUntilSuccessorUsed: boolean
  readonly idleTtlSeconds: number
  readonly audit: AuditContext
}

/**
 * `rotated`: the presented token is used, and the next one is valid. `repeated`: the previous token came again because its
 * reply was lost; answer the token in the seal. `replayed`: an older token came, and the family was ended with an alarm.
 * `expired`: the family was idle or old for too long and is gone. `ended`: there is no such family. `unknown`: the token,
 * client or proof key is not of this family; nothing changed. `stale_client`: the client changed since the decision; read
 * it and decide again. `spent`: a single-use id was used before.
 */
export type RotateOutcome =
  | { readonly outcome: 'rotated' }
  | { readonly outcome: 'repeated'; readonly successorSeal: Uint8Array }
  | {
      readonly outcome: 'replayed' | 'expired' | 'ended' | 'unknown' | 'stale_client' | 'spent'
    }

export interface RefreshVerbs {
  /**
   * Opens a family. The clock of the database sets its `rotatedAt` and `openedAt`. `stale_user`: the user has another
   * version by now, or may not sign in.
   */
  open(
    family: NewFamily,
    spending: Spending,
    audit: AuditContext,
  ): Promise<'opened' | 'stale_client' | 'stale_user' | 'spent'>
  find(sid: string): Promise<FamilyRecord | undefined>
  rotate(plan: RefreshPlan): Promise<RotateOutcome>
  /** Ends a family and writes its `sid` entry. `unknown`: the ids are spent all the same. `spent`: nothing was ended. */
  end(
    sid: string,
    reason: string,
    audit: AuditContext,
    spending?: Spending,
  ): Promise<'ended' | 'unknown' | 'spent'>
}
