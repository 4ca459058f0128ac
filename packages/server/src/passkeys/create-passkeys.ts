import { addPasskey } from './add-passkey.ts'
import { createChallenges } from './challenges.ts'
import { optionsToAdd, optionsToConfirm, optionsToSignIn } from './passkey-options.ts'
import type { PasskeyDeps, Passkeys } from './passkey-types.ts'
import { provePasskey } from './prove-passkey.ts'

/** Makes the sign-in, the proof and the adding of passkeys. */
export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const { party, store, randomBytes } = deps
  const challenges = createChallenges({ tickets: store.tickets, randomBytes })
  const parts = { ...deps, challenges }
  return {
    party,
    async beginSignIn(browserHash) {
      const challenge = await challenges.create('sign_in', { browserHash, userId: null })
      return optionsToSignIn(challenge, party)
    },
    async beginConfirm(userId, browserHash) {
      const list = await store.passkeys.listOf(userId)
      if (list === undefined || list.passkeys.length === 0) return undefined
      const challenge = await challenges.create('confirm', { browserHash, userId })
      return optionsToConfirm(challenge, party, list.passkeys)
    },
    async beginAdd(user, browserHash, mode) {
      const list = await store.passkeys.listOf(user.id)
      if (list === undefined) return undefined
      const challenge = await challenges.create(mode, { browserHash, userId: user.id })
      const name = user.names[0]?.shown ?? user.id
      const displayName = user.profile.name ?? name
      return optionsToAdd(challenge, party, { ...list, name, displayName })
    },
    signIn: (posted, browserHash, audit) =>
      provePasskey({ posted, mode: 'sign_in', browserHash, userId: null }, audit, parts),
    confirm: (posted, userId, browserHash, audit) =>
      provePasskey({ posted, mode: 'confirm', browserHash, userId }, audit, parts),
    add: (posted, actor, audit) => addPasskey(posted, actor, audit, parts),
  }
}
