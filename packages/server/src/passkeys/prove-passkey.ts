import { encodeBase64url, ok, refuse, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import type { PasskeyOwner } from '../store/port/passkey-verbs.ts'
import { verifiedUser } from '../users/verified-user.ts'
import type { ChallengeHolder, Challenges } from './challenges.ts'
import { judgeCounter } from './judge-counter.ts'
import type { PasskeyDeps, PasskeyRefusal, ProvenPasskey, RefusedPasskey } from './passkey-types.ts'
import { methodsOf } from './passkey-methods.ts'
import { readAssertion, type PostedAssertion } from './read-response.ts'
import { verifyAssertion, type VerifiedAssertion } from './verify-assertion.ts'

/** A posted use, with the mode and the holder that its challenge must have. */
interface PostedUse extends ChallengeHolder {
  readonly posted: string
  readonly mode: 'sign_in' | 'confirm'
}

/**
 * Verifies a posted use of a passkey, and notes it.
 * Refuses: every reason of `PasskeyRefusal`.
 * Source: Web Authentication Level 3 §7.2.
 */
export async function provePasskey(
  { posted, mode, browserHash, userId }: PostedUse,
  audit: AuditContext,
  deps: PasskeyDeps & { readonly challenges: Challenges },
): Promise<Result<ProvenPasskey, RefusedPasskey>> {
  const { challenges, store, party, copyRule } = deps
  const read = readAssertion(posted)
  if (!read.ok) return nobody(read.refusal)
  const { credentialId, clientData } = read.value
  const spent = await challenges.spend(clientData.challenge, { browserHash, userId })
  if (spent !== mode) return nobody({ reason: 'challenge_unknown' })
  const owner = await store.passkeys.find(credentialId)
  if (owner === undefined) return nobody({ reason: 'passkey_unknown', credentialId })
  const { passkey, user } = owner
  const refused = (refusal: PasskeyRefusal) => refuse<RefusedPasskey>({ refusal, user })
  if (!isOfHolder(owner, read.value, userId)) return refused({ reason: 'passkey_of_other' })
  const verified = await verifyAssertion(read.value, passkey, party)
  if (!verified.ok) return refused(verified.refusal)
  const { counter, isUserVerified, isBackedUp } = verified.value
  if (mode === 'sign_in' && !isUserVerified) return refused({ reason: 'user_not_verified' })
  if (user.status === 'disabled') return refused({ reason: 'user_disabled' })
  const verdict = judgeCounter(passkey, counter, copyRule)
  if (verdict === 'refuse' || (verdict === 'lower' && mode === 'confirm')) {
    await noteCopy(owner, verified.value, audit, deps)
    return refused({ reason: 'passkey_copied' })
  }
  const use = { credentialId, wasCounter: passkey.counter, counter, isUserVerified, isBackedUp }
  const noted = await store.passkeys.use({ ...use, isSuspect: verdict !== 'rises' }, audit)
  if (noted === 'stale') return refused({ reason: 'passkey_used_meanwhile' })
  const counts = isUserVerified && verdict !== 'lower'
  return ok({ user: verifiedUser(user), isUserVerified: counts, methods: methodsOf(passkey) })
}

function nobody(refusal: PasskeyRefusal): Result<never, RefusedPasskey> {
  return refuse({ refusal, user: undefined })
}

/** Whether the passkey is one of the user who is known, or holds the id of its own user. */
function isOfHolder(
  { user, handle }: PasskeyOwner,
  { userHandle }: PostedAssertion,
  userId: string | null,
): boolean {
  if (userId !== null && user.id !== userId) return false
  // A browser may leave it out where the request named the passkey.
  if (userHandle === undefined) return userId !== null
  return userHandle === encodeBase64url(handle)
}

/** Writes the sign of a copy whose use is refused. */
async function noteCopy(
  { user }: PasskeyOwner,
  { counter }: VerifiedAssertion,
  audit: AuditContext,
  { store }: PasskeyDeps,
): Promise<void> {
  const facts = { userId: user.id, isDeviceBound: true, counter }
  await store.audit.append([{ event: 'passkey_counter_low', ...facts, ...audit }])
}
