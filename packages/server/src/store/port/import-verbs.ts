import type { EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../../audit/events.ts'
import type { NewPassword, NewUser, NameTaken } from './user-verbs.ts'
import type { UserId, UserRecord } from './user-records.ts'

/** A user from another product. The id is the same at each repeat. */
export interface ImportedUser extends Omit<NewUser, 'password'> {
  readonly status: UserRecord['status']
  /** `null` for now. */
  readonly createdAt: EpochSeconds | null
  readonly password: ImportedPassword | null
}

/** A sealed hash of another product. */
export interface ImportedPassword extends NewPassword {
  readonly scheme: string
  /** The cost, to compare hashes of one scheme. */
  readonly work: number
  /** A hash of nobody at the same cost. Nodes measure it. */
  readonly example: string
}

/** The outcome for one user. `unchanged`: a user has this id already. */
export type ImportOutcome =
  | { readonly outcome: 'created' | 'unchanged' | 'no_resource' | 'id_of_client' }
  | (NameTaken & { readonly owner: UserId | null })

export interface ImportVerbs {
  /** Says what `write` would give, and writes nothing. */
  judge(users: readonly ImportedUser[]): Promise<readonly ImportOutcome[]>
  /** Creates the users that can be created, in one transaction. The outcomes have the order of the users. */
  write(users: readonly ImportedUser[], audit: AuditContext): Promise<readonly ImportOutcome[]>
  /** Gives the dearest example of each scheme that is in the database. */
  listExamples(): Promise<readonly string[]>
}
