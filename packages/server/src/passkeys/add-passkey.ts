import { ok, refuse, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { nameAuthenticator } from './authenticator-names.ts'
import type { Challenges } from './challenges.ts'
import { methodsOf } from './passkey-methods.ts'
import type { AddedPasskey, AddRefusal, PasskeyDeps, Passkeys } from './passkey-types.ts'
import { readRegistration } from './read-response.ts'
import { verifyRegistration } from './verify-registration.ts'

/**
 * Verifies a posted new passkey, and adds it.
 * Refuses: every reason of `AddRefusal`.
 * Source: Web Authentication Level 3 §7.1.
 */
export async function addPasskey(
  posted: string,
  { userId, sid, browserHash, fallbackName, mailsFor }: Parameters<Passkeys['add']>[1],
  audit: AuditContext,
  deps: PasskeyDeps & { readonly challenges: Challenges },
): Promise<Result<AddedPasskey, AddRefusal>> {
  const { challenges, store, party } = deps
  const read = readRegistration(posted)
  if (!read.ok) return read
  const mode = await challenges.spend(read.value.clientData.challenge, { browserHash, userId })
  if (mode !== 'add' && mode !== 'add_unasked') return refuse({ reason: 'challenge_unknown' })
  const verified = await verifyRegistration(read.value, party, mode === 'add')
  if (!verified.ok) return verified
  const { credentialId, aaguid } = verified.value
  const name = nameAuthenticator(aaguid) ?? fallbackName
  const wasAsked = mode === 'add'
  const outcome = await store.passkeys.add(
    // Nobody may know of a passkey that was made unasked, so it is no way in before its first use.
    {
      ...verified.value,
      name,
      wasAsked,
      hasVerifiedUser: wasAsked && verified.value.hasVerifiedUser,
    },
    { userId, sid },
    mailsFor(name),
    audit,
  )
  switch (outcome) {
    case 'added':
      return ok({ credentialId, name, wasAsked, methods: methodsOf(verified.value) })
    case 'exists':
      return refuse({ reason: 'passkey_exists' })
    case 'too_many':
      return refuse({ reason: 'too_many_passkeys' })
    case 'gone':
      return refuse({ reason: 'session_ended' })
  }
}
