import type { UserRecord } from '../store/port/user-records.ts'

declare const verified: unique symbol

/** A user who proved to be that user. */
export type VerifiedUser = UserRecord & { readonly [verified]: true }

/** Marks a user whose proof the caller has just verified: a password, a passkey, or a ticket for one of them. */
export function verifiedUser(user: UserRecord): VerifiedUser {
  return user as VerifiedUser
}
