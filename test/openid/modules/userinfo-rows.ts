import { expect } from 'vitest'
import { postToken } from '../world.ts'
import { checkAnswer, checkIdToken, checkUserinfo, runFlow } from './checks.ts'
import type { ModuleRow } from './module-row.ts'
import type { Suite } from './suite.ts'

const claimsOf = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
} as const

const allScopes = ['profile', 'email', 'address', 'phone'] as const

/** The common checks keep these claims out of the id token. */
function scopeRow(name: string, scopes: readonly (keyof typeof claimsOf)[]): ModuleRow {
  return {
    name,
    demands: 'gives the claims of its scopes at userinfo, and no others',
    run: async (suite) => {
      const { userinfo } = await runFlow(suite, { scope: ['openid', ...scopes].join(' ') })
      const expected = ['sub', ...scopes.flatMap((scope) => claimsOf[scope])]
      expect(Object.keys(userinfo).toSorted()).toEqual(expected.toSorted())
    },
  }
}

async function postUserinfo(suite: Suite, init: (accessToken: string) => RequestInit) {
  const { tokens, idToken } = await runFlow(suite)
  const posted = init(String(tokens['access_token']))
  await checkUserinfo(suite, tokens, idToken, { method: 'POST', ...posted })
}

/** The modules about tokens and userinfo. */
export const userinfoRows: readonly ModuleRow[] = [
  {
    name: 'server',
    demands: 'completes the flow of an app that sends its secret in the header',
    run: async (suite) => void (await runFlow(suite)),
  },
  {
    name: 'server-client-secret-post',
    demands: 'completes the flow of an app that sends its secret in the form',
    run: async (suite) => {
      const app = { ...suite.second, authorization: '' }
      const visit = await suite.visit(suite.fresh(), app)
      const code = checkAnswer(visit, suite, app, {})
      const { status, body } = await postToken(suite.world.node, app, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: app.redirectUri,
        client_id: app.id,
        client_secret: app.secret,
      })
      expect(status).toBe(200)
      await checkUserinfo(suite, body, await checkIdToken(suite, app, body, 'nonce-1'))
    },
  },
  {
    name: 'userinfo-get',
    demands: 'answers GET with the token in the header',
    run: async (suite) => {
      const { userinfo, idToken } = await runFlow(suite)
      expect(userinfo).toEqual({ sub: idToken.sub })
    },
  },
  {
    name: 'userinfo-post-header',
    demands: 'answers POST with the token in the header',
    run: (suite) =>
      postUserinfo(suite, (token) => ({ headers: { authorization: `Bearer ${token}` } })),
  },
  {
    name: 'userinfo-post-body',
    demands: 'answers POST with the token in the form',
    run: (suite) =>
      postUserinfo(suite, (token) => ({ body: new URLSearchParams({ access_token: token }) })),
  },
  ...allScopes.map((scope) => scopeRow(`scope-${scope}`, [scope])),
  scopeRow('scope-all', allScopes),
  {
    name: 'claims-essential',
    demands: 'gives a claim at userinfo that was asked for by name',
    run: async (suite) => {
      const claims = JSON.stringify({ userinfo: { name: { essential: true } } })
      const { userinfo } = await runFlow(suite, { claims })
      expect(userinfo).toEqual({ sub: expect.any(String), name: 'Ann Wren' })
    },
  },
  {
    name: 'refresh-token',
    demands: 'refreshes for the same user, and for the app of the token alone',
    run: async (suite) => {
      const scope = 'openid offline_access'
      const fields = { scope, prompt: 'consent' }
      const one = await runFlow(suite, fields)
      const two = await runFlow(suite, fields, { app: suite.second })
      await suite.world.place.pass(2)
      const next = await refresh(suite, one.tokens)
      expect(next.status).toBe(200)
      expect(next.cache).toContain('no-store')
      const idToken = await checkIdToken(suite, suite.first, next.body)
      for (const name of ['iss', 'sub', 'aud', 'azp', 'auth_time'])
        expect(idToken[name]).toEqual(one.idToken[name])
      expect(idToken.iat).toBeGreaterThan(one.idToken.iat ?? 0)
      expect(next.body['refresh_token']).toMatch(/^[\x20-\x7E]+$/u)
      await checkUserinfo(suite, next.body, idToken)
      const stolen = await refresh(suite, two.tokens)
      expect([stolen.status, stolen.body['error']]).toEqual([400, 'invalid_grant'])
    },
  },
]

/** Refreshes as the first app. */
async function refresh(suite: Suite, tokens: Record<string, unknown>) {
  const reply = await suite.call('/oauth2/token', {
    method: 'POST',
    headers: { authorization: suite.first.authorization },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: String(tokens['refresh_token']),
    }),
  })
  const body = (await reply.json()) as Record<string, unknown>
  return { status: reply.status, cache: reply.headers.get('cache-control'), body }
}
