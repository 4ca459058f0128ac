import { createHash } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { expect } from 'vitest'
import type { Browser } from '../../sessions/browser.ts'
import { issuer, type Fields, type Reply, type Suite, type SuiteApp, type Visit } from './suite.ts'

/** The outcome of one complete flow, all of it checked. */
export interface Flow {
  readonly visit: Visit
  readonly code: string
  readonly tokens: Record<string, unknown>
  readonly idToken: JWTPayload
  readonly userinfo: Record<string, unknown>
}

/** Goes through the whole code flow with the checks that every module makes. */
export async function runFlow(
  suite: Suite,
  fields: Fields = {},
  { browser = suite.fresh(), app = suite.first }: { browser?: Browser; app?: SuiteApp } = {},
): Promise<Flow> {
  const visit = await suite.visit(browser, app, fields)
  const code = checkAnswer(visit, suite, app, fields)
  const reply = await suite.exchange(app, code)
  const tokens = checkTokens(reply)
  const idToken = await checkIdToken(suite, app, tokens, fields['nonce'] ?? 'nonce-1')
  const userinfo = await checkUserinfo(suite, tokens, idToken)
  return { visit, code, tokens, idToken, userinfo }
}

/** Checks the answer at the redirect URI, and gives its code. */
export function checkAnswer(
  { answer, target, page }: Visit,
  { responseMode }: Suite,
  app: SuiteApp,
  fields: Fields,
): string {
  expect(target).toBe(responseMode === 'query' ? app.redirectUri.split('?')[0] : app.redirectUri)
  expect(page.location === null).toBe(responseMode === 'form_post')
  const own = responseMode === 'query' ? new URL(app.redirectUri).searchParams : []
  const { code, ...others } = Object.fromEntries(answer ?? [])
  const state = fields['state'] ?? 'state-1'
  expect(others).toEqual({
    ...Object.fromEntries(own),
    iss: issuer,
    ...(state !== '' && { state }),
  })
  if (code === undefined) throw new Error('the answer has no code')
  expect(entropyOf(code)).toBeGreaterThan(96)
  return code
}

/** Shannon's entropy of a text, in bits. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  const shares = [...counts.values()].map((count) => count / text.length)
  return -text.length * shares.reduce((sum, share) => sum + share * Math.log2(share), 0)
}

/** Checks a refusal at the redirect URI, and gives its code of error. */
export function checkRefusal({ answer }: Visit): string {
  const { error, error_description: description, ...others } = Object.fromEntries(answer ?? [])
  expect(others).toEqual({ iss: issuer, state: 'state-1' })
  expect(description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/u)
  return error ?? ''
}

/** Checks that the provider stayed on a page of its own and gave nothing away. */
export function checkOwnPage({ answer, page }: Visit): void {
  expect(answer).toBeUndefined()
  expect([page.status, page.location]).toEqual([400, null])
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.text).not.toContain('name="code"')
}

function checkTokens({ status, body }: Reply): Record<string, unknown> {
  expect(status).toBe(200)
  expect(body).toMatchObject({
    access_token: expect.stringMatching(/^[\x20-\x7E]+$/u),
    token_type: 'Bearer',
    id_token: expect.any(String),
  })
  expect(body['expires_in']).toBeGreaterThan(0)
  return body
}

const ownClaims = ['iss', 'aud', 'sub', 'iat', 'exp', 'auth_time', 'acr', 'amr', 'sid', 'at_hash']

/** Checks an id token by the published keys, and that it says nothing that nobody asked for. */
export async function checkIdToken(
  suite: Suite,
  app: SuiteApp,
  tokens: Record<string, unknown>,
  nonce = '',
): Promise<JWTPayload> {
  const keys = await readKeys(suite)
  const currentDate = new Date(suite.world.place.now() * 1_000)
  const options = { issuer, audience: app.id, algorithms: ['RS256'], currentDate }
  const idToken = String(tokens['id_token'])
  const { payload, protectedHeader } = await jwtVerify(idToken, keys, options)
  expect(protectedHeader.kid).toBeTypeOf('string')
  expect(payload.sub).toMatch(/^[\x21-\x7E]{1,255}$/u)
  expect(payload['nonce']).toBe(nonce === '' ? undefined : nonce)
  const digest = createHash('sha256').update(String(tokens['access_token'])).digest()
  expect(payload['at_hash']).toBe(digest.subarray(0, 16).toString('base64url'))
  const [now, authTime] = [suite.world.place.now(), Number(payload['auth_time'])]
  expect(authTime).toBeLessThanOrEqual(now)
  expect(authTime).toBeGreaterThan(now - 365 * 86_400)
  expect(Object.keys(payload).filter((name) => name !== 'nonce')).toEqual(
    expect.arrayContaining(ownClaims),
  )
  expect(Object.keys(payload)).toHaveLength(ownClaims.length + (nonce === '' ? 0 : 1))
  return payload
}

/** Reads the published keys: each has a `kid` of its own, and none has a private part. */
async function readKeys(suite: Suite) {
  const discovery = await suite.call('/.well-known/openid-configuration')
  expect(discovery.status).toBe(200)
  const metadata = (await discovery.json()) as { jwks_uri: string }
  const reply = await suite.call(metadata.jwks_uri.slice(issuer.length))
  const jwks = (await reply.json()) as { keys: Record<string, string>[] }
  const kids = jwks.keys.map(({ kid }) => kid)
  expect(new Set(kids).size).toBe(kids.length)
  for (const key of jwks.keys) {
    expect(key['kid']).toBeTypeOf('string')
    expect(['RSA', 'EC', 'OKP']).toContain(key['kty'])
    expect(Object.keys(key).filter((name) => secretMembers.has(name))).toEqual([])
  }
  return createLocalJWKSet(jwks)
}

const secretMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'])

/** Reads userinfo by GET, and checks its claims. */
export async function checkUserinfo(
  suite: Suite,
  tokens: Record<string, unknown>,
  { sub }: JWTPayload,
  init: RequestInit = { headers: { authorization: `Bearer ${String(tokens['access_token'])}` } },
): Promise<Record<string, unknown>> {
  const reply = await suite.call('/oauth2/userinfo', init)
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toContain('application/json')
  const claims = (await reply.json()) as Record<string, unknown>
  expect(claims['sub']).toBe(sub)
  for (const [name, value] of Object.entries(claims))
    expect([name, typeof value]).toEqual([name, typeOfClaim[name] ?? 'string'])
  return claims
}

const typeOfClaim: Readonly<Record<string, string>> = {
  updated_at: 'number',
  email_verified: 'boolean',
  phone_number_verified: 'boolean',
  address: 'object',
}

/** Whether a token opens userinfo. */
export async function isLive(suite: Suite, tokens: Record<string, unknown>): Promise<boolean> {
  const headers = { authorization: `Bearer ${String(tokens['access_token'])}` }
  return (await suite.call('/oauth2/userinfo', { headers })).status === 200
}
