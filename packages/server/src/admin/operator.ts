import { refuse } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { Seals } from '../keys/seal.ts'
import type { Store } from '../store/port/store.ts'
import type { EpochSeconds } from '@countersign/jwt'

/** The services of an operation. The command line and an admin API give the same ones. */
export interface OperatorDeps {
  readonly store: Store
  readonly ring: KeyRing
  readonly seals: Seals
  readonly now: () => EpochSeconds
  readonly randomBytes: (length: number) => Uint8Array
  readonly randomId: () => string
  readonly audit: AuditContext
  /** Is called with a sentence about a change that was made and may surprise. */
  readonly warn?: (sentence: string) => void
}

/** Why an operation was not done; the sentence is for the operator. */
export interface OperationRefusal {
  readonly reason:
    | 'exists'
    | 'unknown'
    | 'already'
    | 'in_use'
    | 'malformed'
    | 'too_many'
    | 'too_early'
    | 'lost'
  readonly sentence: string
}

/** Some of the settings; those that are absent or `undefined` are not named. */
export type Some<Settings> = {
  readonly [Name in keyof Settings]?: Settings[Name] | undefined
}

/** Makes a refusal with its sentence. */
export function refuseOperation(reason: OperationRefusal['reason'], sentence: string) {
  return refuse<OperationRefusal>({ reason, sentence })
}
