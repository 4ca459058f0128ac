import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  answerConsent,
  answerOf,
  authorize,
  authorizePath,
  exchange,
  follow,
  openWorld,
  postToken,
  signInOn,
  type World,
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.place.addUser(['ann', 'ann@example.org'], {
    profile: { name: 'Ann Wren', given_name: 'Ann', phone_number: '+493012345' },
  })
})
afterAll(() => world.close())

const jwks = async () => (await fetch(`${world.node.origin}/.well-known/jwks.json`)).json()

async function readIdToken(idToken: unknown) {
  const keys = createLocalJWKSet((await jwks()) as JSONWebKeySet)
  const options = { issuer: world.node.issuer, audience: 'desk' }
  return jwtVerify(String(idToken), keys, options)
}

async function userinfo(token: unknown, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${String(token)}` }
  const reply = await fetch(`${world.node.origin}/oauth2/userinfo`, { headers, ...init })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}

describe('the code flow', () => {
  it('leads through sign-in and consent to tokens', async () => {
    const browser = world.fresh()
    const start = await browser.get(authorizePath({ nonce: 'n-1' }))
    expect(start.status).toBe(303)
    expect(start.location).toContain('/sign-in?')
    const signInPage = await follow(browser, start)
    const consent = await follow(browser, await signInOn(browser, signInPage))
    expect(consent.text).toContain('Orders Desk')
    expect(consent.text).toContain('desk.example')
    const answer = answerOf(await answerConsent(browser, consent))
    expect(Object.fromEntries(answer)).toEqual({
      code: expect.any(String),
      state: 'xyz',
      iss: world.node.issuer,
    })
    const { status, body } = await exchange(world, world.ordersApp, answer.get('code') ?? '')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      token_type: 'Bearer',
      scope: 'openid profile',
      refresh_token: expect.any(String),
    })
    const { payload, protectedHeader } = await readIdToken(body['id_token'])
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) })
    expect(payload).toMatchObject({ nonce: 'n-1', acr: '1', amr: ['pwd'] })
    expect(payload).toHaveProperty('at_hash')
    expect(payload).not.toHaveProperty('name')
  })

  it('asks no second time, and answers a silent request', async () => {
    const browser = world.fresh()
    await authorize(browser)
    const again = answerOf(await browser.get(authorizePath({ prompt: 'none' })))
    expect(again.get('code')).not.toBeNull()
  })

  it('tells userinfo what the scopes give, and only to a token for userinfo', async () => {
    const browser = world.fresh()
    const code = (await authorize(browser, { scope: 'openid profile phone' })).get('code') ?? ''
    const { body } = await exchange(world, world.ordersApp, code)
    const told = await userinfo(body['access_token'])
    expect(told.status).toBe(200)
    expect(told.body).toEqual({
      sub: expect.any(String),
      name: 'Ann Wren',
      given_name: 'Ann',
      preferred_username: 'ann',
      updated_at: expect.any(Number),
      phone_number: '+493012345',
      phone_number_verified: false,
    })
    const form = new URLSearchParams({ access_token: String(body['access_token']) })
    expect((await userinfo('', { method: 'POST', headers: {}, body: form })).body).toEqual(
      told.body,
    )
    const forApi = (
      await authorize(browser, { resource: 'https://app.test', scope: 'openid read' })
    ).get('code')
    const other = await exchange(world, world.ordersApp, forApi ?? '')
    expect(other.body['scope']).toBe('openid read')
    expect((await userinfo(other.body['access_token'])).status).toBe(401)
  })

  it('refuses a code that was used, and ends what its first use gave', async () => {
    const code = (await authorize(world.fresh())).get('code') ?? ''
    const first = await exchange(world, world.ordersApp, code)
    expect((await userinfo(first.body['access_token'])).status).toBe(200)
    expect(await exchange(world, world.ordersApp, code)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    await expect
      .poll(async () => (await userinfo(first.body['access_token'])).status, { timeout: 2_000 })
      .toBe(401)
    const refreshed = await postToken(world.node, world.ordersApp, {
      grant_type: 'refresh_token',
      refresh_token: String(first.body['refresh_token']),
    })
    expect(refreshed).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it.each([
    ['another redirect URI', { redirect_uri: 'https://desk.example/other' }, 'invalid_grant'],
    ['another verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['another resource', { resource: 'https://other.test' }, 'invalid_target'],
  ])('refuses %s, and keeps the code', async (_, fields, error) => {
    const code = (await authorize(world.fresh())).get('code') ?? ''
    expect(await exchange(world, world.ordersApp, code, fields)).toMatchObject({
      status: 400,
      body: { error },
    })
    expect((await exchange(world, world.ordersApp, code)).status).toBe(200)
  })

  it('refuses a code of another app', async () => {
    const other = await world.addApp({ id: 'other' })
    const code = (await authorize(world.fresh())).get('code') ?? ''
    expect(await exchange(world, other, code)).toMatchObject({ body: { error: 'invalid_grant' } })
    expect((await exchange(world, world.ordersApp, code)).status).toBe(200)
  })

  it('goes back with an error where the user says no', async () => {
    const browser = world.fresh()
    const page = await follow(browser, await browser.get(authorizePath({ prompt: 'consent' })))
    const consent = await follow(browser, await signInOn(browser, page))
    const answer = answerOf(await answerConsent(browser, consent, 'cancel'))
    expect(Object.fromEntries(answer)).toMatchObject({
      error: 'access_denied',
      state: 'xyz',
      iss: world.node.issuer,
    })
  })

  it.each([
    ['an app that nobody knows', { client_id: 'nobody' }],
    ['no app', { client_id: '' }],
    ['a redirect URI that is not registered', { redirect_uri: 'https://desk.example/cb/more' }],
    ['no redirect URI', { redirect_uri: '' }],
  ])('stays on a page of ours for %s', async (_, fields) => {
    const page = await world.fresh().get(authorizePath(fields))
    expect(page.status).toBe(400)
    expect(page.location).toBeNull()
    expect(page.headers.get('content-type')).toContain('text/html')
  })

  it.each([
    ['no response type', { response_type: '' }, 'invalid_request'],
    ['an implicit response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no challenge', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
    ['a request by address', { request_uri: 'https://x.example' }, 'request_uri_not_supported'],
    ['an unknown resource', { resource: 'https://nobody.test' }, 'invalid_target'],
    ['nobody signed in, in silence', { prompt: 'none' }, 'login_required'],
  ])('answers the app for %s', async (_, fields, error) => {
    const answer = answerOf(await world.fresh().get(authorizePath(fields)))
    expect(Object.fromEntries(answer)).toMatchObject({
      error,
      state: 'xyz',
      iss: world.node.issuer,
      error_description: expect.any(String),
    })
  })

  it('refreshes, with the same user and a new id token', async () => {
    const code = (await authorize(world.fresh(), { nonce: 'n-2' })).get('code') ?? ''
    const first = await exchange(world, world.ordersApp, code)
    const next = await postToken(world.node, world.ordersApp, {
      grant_type: 'refresh_token',
      refresh_token: String(first.body['refresh_token']),
    })
    expect(next.status).toBe(200)
    expect((await userinfo(next.body['access_token'])).status).toBe(200)
    const [before, after] = [
      await readIdToken(first.body['id_token']),
      await readIdToken(next.body['id_token']),
    ]
    for (const name of ['sub', 'sid', 'auth_time', 'iss', 'aud'])
      expect(after.payload[name]).toEqual(before.payload[name])
    expect(after.payload).not.toHaveProperty('nonce')
  })

  it('signs out: the code of the session is dead', async () => {
    const browser = world.fresh()
    const code = (await authorize(browser)).get('code') ?? ''
    await browser.signOut()
    expect(await exchange(world, world.ordersApp, code)).toMatchObject({
      body: { error: 'invalid_grant' },
    })
  })

  it('signs userinfo for an app that wants so, and takes it for no id token', async () => {
    const app = await world.addApp({ id: 'signed', signIn: { userinfoSignedAlg: 'ES256' } })
    const browser = world.fresh()
    const answer = await authorize(browser, { client_id: 'signed' })
    const { body } = await exchange(world, app, answer.get('code') ?? '')
    const headers = { authorization: `Bearer ${String(body['access_token'])}` }
    const reply = await fetch(`${world.node.origin}/oauth2/userinfo`, { headers })
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/jwt'])
    const keys = createLocalJWKSet((await jwks()) as JSONWebKeySet)
    const jwt = await reply.text()
    const { payload, protectedHeader } = await jwtVerify(jwt, keys)
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toEqual({
      iss: world.node.issuer,
      aud: 'signed',
      sub: expect.any(String),
      name: 'Ann Wren',
      given_name: 'Ann',
      preferred_username: 'ann',
      updated_at: expect.any(Number),
    })
    const fields = { client_id: 'signed', prompt: 'none', id_token_hint: jwt }
    const refused = answerOf(await browser.get(authorizePath(fields)))
    expect(refused.get('error')).toBe('invalid_request')
  })

  it('signs with the algorithm of the app', async () => {
    await world.addApp({ id: 'elliptic', signIn: { idTokenAlg: 'ES256' } }).then(async (app) => {
      const answer = await authorize(world.fresh(), { client_id: 'elliptic' })
      const { body } = await exchange(world, app, answer.get('code') ?? '')
      expect(decodeProtectedHeader(String(body['id_token'])).alg).toBe('ES256')
    })
  })
})
