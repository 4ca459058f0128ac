import type { UserFactors } from '../port/factor-records.ts'
import type { UserId } from '../port/user-records.ts'
import { one, run, type Verb } from '../port/verb.ts'
import { number } from './columns.ts'

// A passkey that a browser made unasked is a factor from its first use on: nobody may know of it before.
const countFactors = `select
  (select count(*) from passwords where user_id = $1) as passwords,
  (select count(*) from totp where user_id = $1) as totp,
  (select count(*) from recovery_codes where user_id = $1 and used_at is null) as codes,
  (select count(*) from passkeys where user_id = $1 and used_at is not null) as passkeys,
  (select count(*) from passkeys where user_id = $1 and uv_seen = 1) as verifying`

/** Counts the ways of a user to sign in. A user who is gone has none. */
export function* readFactors(id: UserId): Verb<UserFactors> {
  const row = yield* one(countFactors, id)
  if (row === undefined) throw new Error('the database gave no counts')
  return {
    hasPassword: number(row, 'passwords') > 0,
    hasTotp: number(row, 'totp') > 0,
    recoveryCodesLeft: number(row, 'codes'),
    passkeys: number(row, 'passkeys'),
    passkeysWithUv: number(row, 'verifying'),
  }
}

const deletions = ['totp', 'recovery_codes'].map(
  (table) => `delete from ${table} where user_id = $1`,
)

/** Deletes the code app and the recovery codes of a user. */
export function* deleteFactors(id: UserId): Verb<void> {
  for (const deletion of deletions) yield* run(deletion, id)
}
