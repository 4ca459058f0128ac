import type { AuditContext } from '../../audit/events.ts'
import type { PasswordRecord, UserId } from '../port/user-records.ts'
import type { NewPassword } from '../port/user-verbs.ts'
import { one, run, type Row, type Verb } from '../port/verb.ts'
import { moment, text, truth } from './columns.ts'
import { writeAudit } from './log.ts'

const insertHash = `insert into passwords (user_id, hash, pepper_id, set_at, must_change, scheme)
  values ($1, $2, $3, {now}, $4, $5)`
const putHash = `${insertHash} on conflict (user_id) do update set hash = excluded.hash, pepper_id = excluded.pepper_id,
  set_at = excluded.set_at, must_change = excluded.must_change, scheme = excluded.scheme`

const selectPassword = `select * from passwords where user_id = $1`

export function* findPassword(id: UserId): Verb<PasswordRecord | undefined> {
  const row = yield* one(selectPassword, id)
  return row && passwordOf(row)
}

/** Writes the first password of a user. `scheme`: how another product made its hash. */
export function* insertPassword(
  id: UserId,
  password: NewPassword,
  scheme: string | null = null,
): Verb<void> {
  const { hash, pepperId, mustChange } = password
  yield* run(insertHash, id, hash, pepperId, mustChange ? 1 : 0, scheme)
}

/** Writes a password in the place of another or of none. The caller has locked the user. */
export function* replacePassword(id: UserId, password: NewPassword): Verb<void> {
  yield* run(putHash, id, password.hash, password.pepperId, password.mustChange ? 1 : 0, null)
}

const swapHash = `update passwords set hash = $3, pepper_id = $4, scheme = null
  where user_id = $1 and hash = $2 returning user_id`

export function* rehashPassword(
  id: UserId,
  from: Pick<PasswordRecord, 'hash'>,
  to: Pick<PasswordRecord, 'hash' | 'pepperId'>,
  audit: AuditContext,
): Verb<'replaced' | 'lost'> {
  const row = yield* one(swapHash, id, from.hash, to.hash, to.pepperId)
  if (row === undefined) return 'lost'
  const { pepperId } = to
  yield* writeAudit({ event: 'user_password_rehashed', userId: id, pepperId }, audit)
  return 'replaced'
}

export function passwordOf(row: Row): PasswordRecord {
  return {
    hash: text(row, 'hash'),
    pepperId: text(row, 'pepper_id'),
    setAt: moment(row, 'set_at'),
    mustChange: truth(row, 'must_change'),
  }
}
