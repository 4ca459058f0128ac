import { ok, refuse, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import { refuseEvenly, type SameWork } from '../http/even-refusals.ts'
import type { SignInCounter, SignInCounters } from '../limits/sign-in-limits.ts'
import type { NameKey, PasswordRecord, UserId, UserRecord } from '../store/port/user-records.ts'
import type { SignInFacts, UserVerbs } from '../store/port/user-verbs.ts'
import type { Password } from './read-password.ts'
import { verifiedUser, type VerifiedUser } from './verified-user.ts'

/** Why a sign-in was refused: exact for the audit log. All but the last two have one answer on the wire. */
export type SignInRefusal =
  | { readonly reason: 'user_unknown' }
  | { readonly reason: 'password_absent' }
  | { readonly reason: 'password_wrong' }
  | { readonly reason: 'user_disabled' }
  | { readonly reason: 'user_locked' }
  | {
      readonly reason: 'password_must_change'
      /** `asked`: an operator asks for another one. `too_short`: it is older than the rule. */
      readonly because: 'asked' | 'too_short'
    }
  | { readonly reason: 'address_unverified' }
  | { readonly reason: 'too_many_attempts'; readonly retryAfterSeconds: number }
  | { readonly reason: 'hashing_busy'; readonly retryAfterSeconds: number }

/** A refusal, with the user where the name has one. */
export interface RefusedSignIn {
  readonly refusal: SignInRefusal
  readonly user: UserRecord | undefined
}

/** The facts that a sign-in form gives, folded and read. */
export interface SignInForm {
  readonly name: NameKey
  readonly password: Password
  readonly address: string
  /** Gives the id of the browser where the user signed in with it before. */
  readonly deviceOf?: (userId: UserId) => string | undefined
}

/** An attempt that was refused because there were too many. */
export interface SignInLockOut {
  readonly by: SignInCounter
  readonly address: string
  /** Absent where nobody has the name, because people type passwords there. */
  readonly userId: string | undefined
  readonly seconds: number
}

export type SignIn = (
  form: SignInForm,
  audit: AuditContext,
) => Promise<Result<VerifiedUser, RefusedSignIn>>

export interface SignInDeps {
  readonly users: Pick<UserVerbs, 'findByName' | 'rehashPassword'>
  readonly passwords: PasswordHasher
  readonly counters: SignInCounters
  /** A right password that is shorter must change, because it is older than the rule. Units: code points. */
  readonly passwordLengthMin: number
  /** Takes each attempt that is refused because there were too many. */
  readonly onLockOut: (lockOut: SignInLockOut) => void
}

/**
 * Makes the check of a name and a password.
 * Refuses: every reason of `SignInRefusal`. A name that nobody has, a wrong password, a disabled and a locked user take
 * the same steps: one read, one count, one hash. Refusals leave at a fixed time after the hash, so the time of the
 * read and the count does not distinguish them.
 * Throws: faults of the store; no attempt is counted by them.
 * Why it counts before it hashes: guesses in parallel would all be verified otherwise.
 */
export function createSignIn({
  users,
  passwords,
  counters,
  passwordLengthMin,
  onLockOut,
}: SignInDeps): SignIn {
  return async (form, audit) => refuseEvenly((same) => checkForm(form, audit, same))

  async function checkForm(
    { name, password, address, deviceOf }: SignInForm,
    audit: AuditContext,
    same: SameWork,
  ): Promise<Result<VerifiedUser, RefusedSignIn>> {
    const facts = await users.findByName(name)
    const user = facts?.user
    const device = user && deviceOf?.(user.id)
    const attempt = { name, userId: user?.id, address, device }
    const refused = (refusal: SignInRefusal) => refuse<RefusedSignIn>({ refusal, user })
    const count = await counters.count(attempt)
    if (count.outcome !== 'counted') {
      const { by, waitSeconds: seconds } = count
      onLockOut({ by, address, userId: user?.id, seconds })
    }
    if (count.outcome === 'limited')
      return refused({ reason: 'too_many_attempts', retryAfterSeconds: count.waitSeconds })
    const checked = await same(
      () => passwords.verify(password, facts?.password ?? undefined),
      (verdict) => verdict?.behindMs ?? 0,
    )
    if (checked === undefined) {
      // Nothing was verified, so it was no guess.
      await counters.forgive(attempt)
      return refused({ reason: 'hashing_busy', retryAfterSeconds: 1 })
    }
    const isShort = Array.from(password).length < passwordLengthMin
    const refusal = decideSignIn(facts, checked.isRight, count.outcome === 'locked', isShort)
    if (refusal !== undefined) return refused(refusal)
    if (user === undefined) throw new Error('a user was verified who is not there')
    await counters.forgive(attempt)
    const from = facts?.password ?? undefined
    if (checked.isStale && from !== undefined) await rehash(user, from, password, audit)
    return ok(verifiedUser(user))
  }

  /** Hashes the password again. A full queue leaves that to the next sign-in. */
  async function rehash(
    { id }: UserRecord,
    from: PasswordRecord,
    password: Password,
    audit: AuditContext,
  ): Promise<void> {
    const next = await passwords.hash(password)
    if (next !== undefined) await users.rehashPassword(id, from, next, audit)
  }
}

/** Decides what the facts mean. Pure. */
function decideSignIn(
  facts: SignInFacts | undefined,
  isRight: boolean,
  isLocked: boolean,
  isShort: boolean,
): SignInRefusal | undefined {
  if (facts === undefined) return { reason: 'user_unknown' }
  if (facts.password === null) return { reason: 'password_absent' }
  if (isLocked) return { reason: 'user_locked' }
  if (!isRight) return { reason: 'password_wrong' }
  if (facts.user.status === 'disabled') return { reason: 'user_disabled' }
  if (facts.user.status === 'unverified') return { reason: 'address_unverified' }
  if (facts.password.mustChange) return { reason: 'password_must_change', because: 'asked' }
  return isShort ? { reason: 'password_must_change', because: 'too_short' } : undefined
}
