import { ok } from '@countersign/jwt'
import type { MailComposer } from '../mail/compose-mail.ts'
import { accountLevelOf, type Level, type UserFactors } from '../store/port/factor-records.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { UserId, UserRecord } from '../store/port/user-records.ts'
import { refuseOperation, type OperatorDeps } from './operator.ts'
import { findUser, unknownUser, type UserOutcome } from './user-operator.ts'

/** The ways of a user to sign in, as an operator sees them. */
export interface FactorsView extends Omit<UserFactors, 'hasTotp' | 'passkeysWithUv'> {
  readonly id: UserId
  /** The level that a sign-in must prove. */
  readonly level: Level
  /** When the code app was confirmed; `null` for none. */
  readonly appSince: number | null
}

/** Shows the ways of a user to sign in. No secret leaves. */
export async function showUserFactors(text: string, deps: OperatorDeps): UserOutcome<FactorsView> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id } = found.value
  const factors = await deps.store.users.factors(id)
  const { hasPassword, passkeys, recoveryCodesLeft } = factors
  const appSince = (await deps.store.factors.findTotp(id))?.confirmedAt ?? null
  const level = accountLevelOf(factors)
  return ok({ id, level, hasPassword, appSince, recoveryCodesLeft, passkeys })
}

/** The services of a reset. `mail` is absent where no mail leaves the service. */
export interface ResetDeps extends OperatorDeps {
  readonly mail: MailComposer | undefined
}

/**
 * Removes every second factor of a user, ends all sign-ins and revokes all tokens. A mail goes to every proven
 * address.
 * Refuses: `unknown`; `already` where there is nothing to remove.
 */
export async function resetUserFactors(
  text: string,
  deps: ResetDeps,
): UserOutcome<{ readonly id: UserId; readonly outcome: 'reset'; readonly mails: number }> {
  const found = await findUser(text, deps)
  if (!found.ok) return found
  const { id } = found.value
  const mails = noticesOfReset(found.value, deps)
  const outcome = await deps.store.factors.reset(id, mails, deps.audit)
  switch (outcome) {
    case 'unknown':
      return unknownUser(text)
    case 'none':
      return refuseOperation('already', 'The user has no second factor to remove.')
    case 'reset':
      return ok({ id, outcome, mails: mails.length })
  }
}

function noticesOfReset(user: UserRecord, { mail, now }: ResetDeps): readonly NewMail[] {
  if (mail === undefined) return []
  const primary = user.profile.locale?.toLowerCase().split('-')[0]
  return user.names
    .filter(({ kind, verifiedAt }) => kind === 'address' && verifiedAt !== null)
    .map(({ shown, key }) =>
      mail.compose({
        to: shown,
        recipientKey: key,
        lang: primary === 'de' ? 'de' : 'en',
        userId: user.id,
        template: 'factors_reset',
        args: { at: now(), link: '/account/security' },
      }),
    )
}
