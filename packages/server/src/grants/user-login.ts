import { ok, refuse } from '@countersign/jwt'
import { accountLevelOf } from '../store/port/factor-records.ts'
import type { ResourceRecord } from '../store/port/records.ts'
import type { TokenPlan } from '../tokens/plan.ts'
import { byConfiguration, defineGrant } from './define-grant.ts'
import { mintAndRecord } from './issue.ts'
import type { UserProof } from './grant.ts'
import { parseLoginForm, type LoginRequest } from './login.ts'
import { openFamily } from './open-family.ts'
import { selectResource } from './select-resource.ts'
import { sharedAccess, userPart, type UserFacts } from './user-token.ts'

const byPassword: UserProof = { acr: '1', amr: ['pwd'] }

interface UserLoginFacts extends UserFacts {
  readonly resource: (audience: string) => ResourceRecord | undefined
}

/**
 * Serves the login route for a user who signed in: gives a token with the access that both the user and the client have,
 * and with `offline_access` a refresh token where the client may have one.
 * Refuses: every reason of `selectAccess`, `grant_not_allowed`, `user_changed`.
 * Not checked: the password. The endpoint hands over a verified user.
 */
export const userLoginGrant = defineGrant<
  LoginRequest,
  UserLoginFacts,
  { readonly token: TokenPlan; readonly isOffline: boolean }
>({
  grantType: 'user_login',
  allowedBy: byConfiguration,
  publicClients: true,
  about: 'Gives a user who signed in a token, and a refresh token if it is asked for.',
  fields: [],
  parse: parseLoginForm,
  read: async (_, { user, proof = byPassword }, { resource, store }) => {
    if (user === undefined) throw new Error('a login without a user came to the grant')
    // The endpoint asks for the second factor. A user may have got one meanwhile.
    if (proof.acr === '1' && accountLevelOf(await store.users.factors(user.id)) === '2')
      return refuse({ reason: 'user_changed' })
    return ok({ user, access: await store.users.listAccess(user.id), resource })
  },
  decide: (wanted, facts, { client, jkt, now, proof = byPassword }) => {
    const { isOffline } = wanted
    if (isOffline && !client.grantTypes.includes('refresh_token'))
      return refuse({ reason: 'grant_not_allowed' })
    const shared = sharedAccess(client, facts, facts.resource)
    const chosen = selectResource(shared, wanted, facts.resource)
    if (!chosen.ok) return chosen
    const { resource, scopes } = chosen.value
    const person = userPart(facts, resource.audience, now)
    const user = person.user && { ...person.user, acr: proof.acr, amr: proof.amr }
    const token = { client, resource, scopes, ...person, user, sid: undefined, jkt, now }
    return ok({ token: { ...token, grant: 'user_login' }, isOffline })
  },
  // Without a refresh token the sid still names this sign-in, so that an operator can revoke it.
  commit: ({ token, isOffline }, request, deps) =>
    isOffline
      ? openFamily(token, request, deps)
      : mintAndRecord({ ...token, sid: deps.randomId() }, 'each', request, deps),
})
