import { afterAll, describe, expect, it } from 'vitest'
import { openWorld, type World } from '../world.ts'

const worlds: World[] = []
afterAll(() => Promise.all(worlds.map((world) => world.close())))

async function serve(issuer: string) {
  const world = await openWorld('sqlite', issuer)
  worlds.push(world)
  return async (path: string) => {
    const reply = await fetch(world.node.origin + path)
    const text = await reply.text()
    return { status: reply.status, headers: reply.headers, text }
  }
}

type Metadata = Readonly<Record<string, unknown>>

const bcp47 = /^[a-z]{2,3}(?:-[A-Z]{2})?$/u
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/u

/** The demands on the metadata of an issuer, by member. Source: OpenID Connect Discovery 1.0 §3; RFC 8414 §2. */
const demands: Readonly<Record<string, (value: unknown) => void>> = {
  response_types_supported: (value) => expect(value).toEqual(['code']),
  response_modes_supported: (value) => expect(value).toEqual(['query', 'form_post']),
  grant_types_supported: (value) =>
    expect(value).toEqual(expect.arrayContaining(['authorization_code', 'refresh_token'])),
  subject_types_supported: (value) => expect(value).toEqual(['public']),
  id_token_signing_alg_values_supported: (value) => expect(value).toContain('RS256'),
  scopes_supported: (value) => {
    expect(value).toContain('openid')
    for (const scope of value as string[]) expect(scope).toMatch(scopeToken)
  },
  code_challenge_methods_supported: (value) => expect(value).toEqual(['S256']),
  token_endpoint_auth_methods_supported: (value) =>
    expect(value).toEqual(
      expect.arrayContaining(['client_secret_basic', 'client_secret_post', 'none']),
    ),
  token_endpoint_auth_signing_alg_values_supported: (value) => {
    expect(value).not.toContain('none')
    expect(value).not.toHaveLength(0)
  },
  ui_locales_supported: (value) => {
    for (const locale of value as string[]) expect(locale).toMatch(bcp47)
  },
  claims_supported: (value) =>
    expect(value).toEqual(
      expect.arrayContaining(['sub', 'name', 'email', 'address', 'updated_at']),
    ),
  userinfo_signing_alg_values_supported: (value) => expect(value).toContain('RS256'),
  claim_types_supported: (value) => expect(value).toEqual(['normal']),
  display_values_supported: (value) => expect(value).toEqual(['page']),
  claims_parameter_supported: (value) => expect(value).toBe(true),
  request_parameter_supported: (value) => expect(value).toBe(false),
  request_uri_parameter_supported: (value) => expect(value).toBe(false),
  authorization_response_iss_parameter_supported: (value) => expect(value).toBe(true),
}

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'revocation_endpoint',
  'introspection_endpoint',
]

describe('the plan Config', () => {
  const issuer = 'https://id.example'

  it('discovery-endpoint-verification: publishes complete metadata', async () => {
    const get = await serve(issuer)
    const { status, headers, text } = await get('/.well-known/openid-configuration')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('application/json')
    const metadata: Metadata = JSON.parse(text)
    expect(metadata['issuer']).toBe(issuer)
    for (const name of endpoints) expect(metadata[name]).toMatch(/^https:\/\/id\.example\//u)
    const addresses = Object.entries(metadata).filter(([name]) => /(?:_endpoint|_uri)$/u.test(name))
    for (const [, value] of addresses) expect(value).toMatch(/^https:\/\/id\.example\//u)
    for (const [name, demand] of Object.entries(demands)) demand(metadata[name])
    console.log('note: plan Config: 1 modules, 1 passed')
  })

  it('gives one document at all three addresses of an issuer with a path', async () => {
    const get = await serve(`${issuer}/tenant`)
    // A proxy removes the path of the issuer from the last one.
    const paths = [
      '/.well-known/oauth-authorization-server/tenant',
      '/.well-known/openid-configuration/tenant',
      '/.well-known/openid-configuration',
    ]
    const texts = []
    for (const path of paths) {
      const { status, headers, text } = await get(path)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([200, '*'])
      texts.push(text)
    }
    expect(new Set(texts).size).toBe(1)
    expect(JSON.parse(texts[0] ?? '')).toMatchObject({
      issuer: `${issuer}/tenant`,
      authorization_endpoint: `${issuer}/tenant/oauth2/authorize`,
    })
  })
})
