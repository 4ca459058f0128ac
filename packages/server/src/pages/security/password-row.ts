import type { EpochSeconds } from '@countersign/jwt'
import { accountAddress } from '../account-address.ts'
import { quietLink, type Thing } from '../account-parts.ts'
import type { Setting } from '../page.ts'
import { fillText, sayDay } from '../texts.ts'

/** The facts of a password that its row shows. */
export interface PasswordFacts {
  /** Absent for a user without a password. */
  readonly setAt: EpochSeconds | undefined
}

/** The row of the password on the security page. Pure. */
export function passwordRow({ setAt }: PasswordFacts, { texts }: Setting): Thing {
  const address = accountAddress('/account/security/password', texts.lang)
  const act =
    setAt === undefined
      ? { text: texts.accountPasswordAdd, label: texts.accountPasswordAddFull }
      : { text: texts.accountPasswordChange, label: texts.accountPasswordChangeFull }
  return {
    icon: 'password',
    name: texts.password,
    meta:
      setAt === undefined
        ? texts.accountPasswordNone
        : fillText(texts, 'accountPasswordSet', { day: sayDay(texts, setAt) }),
    acts: [quietLink({ address, ...act })],
  }
}
