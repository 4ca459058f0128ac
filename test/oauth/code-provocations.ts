import { authorizationCode, hashCode } from '../../packages/server/src/grants/authorization-code.ts'
import type { CodeRefusal, TokenRefusal } from '../../packages/server/src/grants/refusals.ts'
import type { NewCode } from '../../packages/server/src/store/port/authorization-verbs.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { addPerson, aSession } from '../store/people.ts'
import { aClient, aResource, context } from '../store/records.ts'
import type { GrantsRig } from './grants-fixture.ts'

type Fields = Readonly<Record<string, string>>

const redirectUri = 'https://desk.example/cb'

interface IssuedCode {
  readonly code: string
  readonly userId: UserId
  readonly sessionSid: string
}

/** Signs a new user in and makes a code. */
async function makeCode(rig: GrantsRig, over: Partial<NewCode> = {}): Promise<IssuedCode> {
  const { store } = rig.database
  const name = `person ${rig.deps.randomId()}`
  const userId = await addPerson(store, name)
  const sessionSid = `session of ${name}`
  await store.sessions.open(aSession(sessionSid, userId), {}, context)
  const code = rig.deps.randomId()
  await store.authorizations.giveCode(
    {
      hash: hashCode(code),
      clientId: aClient.id,
      redirectUri,
      userId,
      sessionSid,
      challenge: '',
      jkt: '',
      audience: aResource.audience,
      scopes: ['read'],
      identityScopes: ['openid'],
      idTokenClaims: [],
      userinfoClaims: [],
      nonce: null,
      isOffline: true,
      ttlSeconds: 60,
      ...over,
    },
    {},
    context,
  )
  return { code, userId, sessionSid }
}

/** The refusals of the code grant, each with a request that causes it. */
export function codeProvocations(rig: () => GrantsRig): {
  readonly [Reason in CodeRefusal['reason']]: () => Promise<TokenRefusal | string>
} {
  const redeem = async ({ code }: Pick<IssuedCode, 'code'>, fields: Fields = {}, over = {}) => {
    const all = { code, redirect_uri: redirectUri, ...fields }
    const answer = await rig().run(authorizationCode, all, over)
    return answer.ok ? 'granted' : answer.refusal
  }
  const make = (over: Partial<NewCode> = {}) => makeCode(rig(), over)
  return {
    code_unknown: () => redeem({ code: 'invented' }),
    code_replayed: async () => {
      const issued = await make()
      await redeem(issued)
      return redeem(issued)
    },
    code_redirect_mismatch: async () =>
      redeem(await make(), { redirect_uri: 'https://desk.example/other' }),
    code_verifier_mismatch: async () => redeem(await make(), { code_verifier: 'v'.repeat(43) }),
    code_key_mismatch: async () => redeem(await make({ jkt: 'k' }), {}, { jkt: 'other' }),
    code_resource_mismatch: async () => redeem(await make(), { resource: 'https://other.test' }),
    code_user_gone: async () => {
      const issued = await make()
      // The session ends with its user, so the user alone is taken away here.
      const { deps } = rig()
      const { users } = deps.store
      const absent = { ...users, find: async () => undefined }
      Object.assign(deps, { store: { ...deps.store, users: absent } })
      const refusal = await redeem(issued)
      Object.assign(deps, { store: { ...deps.store, users } })
      return refusal
    },
    code_session_ended: async () => {
      const issued = await make()
      const { sessions } = rig().database.store
      await sessions.end(issued.sessionSid, issued.userId, 'signed out', context)
      return redeem(issued)
    },
  }
}
