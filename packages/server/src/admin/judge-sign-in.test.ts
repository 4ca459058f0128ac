import { describe, expect, it } from 'vitest'
import { judgeSignIn, type WantedSignIn } from './judge-sign-in.ts'

const uri = 'https://desk.example/cb'
const kept = {
  name: 'Desk',
  redirectUris: [uri],
  postLogoutRedirectUris: [],
  idTokenAlg: 'ES256',
  userinfoSignedAlg: 'plain',
  pkce: 'required',
  consent: 'ask',
  refresh: 'always',
} as const
const app = { grantTypes: ['authorization_code'], authentication: 'client_secret' }

describe('the settings of sign-in', () => {
  it('have defaults, and keep what nobody states', () => {
    const judged = judgeSignIn({ redirectUris: [uri] }, undefined, app)
    expect(judged).toMatchObject({ ok: true, value: { pkce: 'required', idTokenAlg: 'RS256' } })
    const changed = judgeSignIn({ name: 'Orders Desk' }, kept, app)
    expect(changed).toEqual({ ok: true, value: { ...kept, name: 'Orders Desk' } })
  })

  it('are none for a client without the code flow', () => {
    const machine = { ...app, grantTypes: ['client_credentials'] }
    expect(judgeSignIn(undefined, undefined, machine)).toEqual({ ok: true, value: undefined })
  })

  it.each<[name: string, wanted: WantedSignIn, client: typeof app, says: string]>([
    ['no redirect URI', {}, app, 'needs a redirect URI'],
    ['no grant', { redirectUris: [uri] }, { ...app, grantTypes: [] }, 'authorization_code'],
    ['a script as redirect URI', { redirectUris: ['javascript:alert(1)'] }, app, 'no redirect URI'],
    ['a fragment', { redirectUris: [`${uri}#x`] }, app, 'it has a fragment'],
    [
      'a logout address of http elsewhere',
      { redirectUris: [uri], postLogoutRedirectUris: ['http://desk.example/'] },
      app,
      'no redirect URI',
    ],
    ['another algorithm', { redirectUris: [uri], idTokenAlg: 'HS256' }, app, 'RS256, ES256, EdDSA'],
    [
      'another algorithm of userinfo',
      { redirectUris: [uri], userinfoSignedAlg: 'none' },
      app,
      'plain, RS256, ES256, EdDSA',
    ],
    ['another rule', { redirectUris: [uri], pkce: 'plain' }, app, 'required, nonceInstead'],
    [
      'a public client without a challenge',
      { redirectUris: [uri], pkce: 'optionalUnsafe' },
      { ...app, authentication: 'none' },
      'must be required',
    ],
    ['an empty name', { redirectUris: [uri], name: '' }, app, 'one line of text'],
    ['a name of two lines', { redirectUris: [uri], name: 'a\nb' }, app, 'one line of text'],
    ['a name that turns the text', { redirectUris: [uri], name: 'a\u202Eb' }, app, 'one line'],
    ['a long name', { redirectUris: [uri], name: 'a'.repeat(81) }, app, '80 letters'],
  ])('are refused with %s', (_, wanted, client, says) => {
    const judged = judgeSignIn(wanted, undefined, client)
    expect(judged.ok ? '' : judged.refusal.sentence).toContain(says)
  })
})
