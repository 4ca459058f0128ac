import type { FactorUse, Level } from '../store/port/factor-records.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { TicketKey } from '../store/port/ticket-verbs.ts'

/** The proof of a sign-in. */
export interface SignInProof {
  readonly acr: Level
  /** Source: RFC 8176. */
  readonly amr: readonly string[]
  /** A code that the sign-in uses up. */
  readonly use?: FactorUse | undefined
  /** A ticket that it spends. */
  readonly ticket?: TicketKey | undefined
  readonly mails?: readonly NewMail[] | undefined
}

/** The proof of a sign-in by password alone. */
export const byPassword: SignInProof = { acr: '1', amr: ['pwd'] }
