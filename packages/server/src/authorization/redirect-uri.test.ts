import { describe, expect, it } from 'vitest'
import { matchRedirectUri, parseRedirectUri } from './redirect-uri.ts'

const good = [
  'https://app.example/callback',
  'https://app.example',
  'https://app.example/',
  'https://app.example:8443/callback?a=b&c=d',
  'https://xn--bcher-kva.example/cb',
  'http://localhost/callback',
  'http://localhost:3000/callback',
  'http://127.0.0.1/callback',
  'http://[::1]:53124/callback',
  'com.example.app:/callback',
  'com.example.app://callback',
]

const bad = [
  ['a fragment', 'https://app.example/cb#x'],
  ['an empty fragment', 'https://app.example/cb#'],
  ['a user part', 'https://good.example@evil.example/cb'],
  ['an empty user part', 'https://@evil.example/cb'],
  ['a backslash', 'https://evil.example\\@good.example/cb'],
  ['a tab', 'https://app.example/\tcb'],
  ['a line break', 'https://app.example/cb\n'],
  ['a space', 'https://app.example/c b'],
  ['a letter outside of ASCII', 'https://bücher.example/cb'],
  ['dot segments', 'https://app.example/a/../cb'],
  ['encoded dot segments', 'https://app.example/a/%2e%2e/cb'],
  ['a single dot', 'https://app.example/./cb'],
  ['capitals in the host', 'https://APP.example/cb'],
  ['a default port', 'https://app.example:443/cb'],
  ['http elsewhere', 'http://app.example/cb'],
  ['http on a name that looks like this computer', 'http://localhost.evil.example/cb'],
  ['http on another spelling of this computer', 'http://127.1/cb'],
  ['a whole number as address', 'http://2130706433/cb'],
  ['javascript', 'javascript:alert(1)'],
  ['data', 'data:text/html,x'],
  ['a file', 'file:///etc/passwd'],
  ['an app scheme without a dot', 'cursor://callback'],
  ['no scheme', '//app.example/cb'],
  ['a path', '/cb'],
  ['nothing', ''],
  ['one slash', 'https:/app.example/cb'],
  ['no slash', 'https:app.example/cb'],
  ['three slashes', 'https:///app.example/cb'],
  ['too many letters', `https://app.example/${'a'.repeat(2_100)}`],
] as const

describe('a redirect URI at registration', () => {
  it.each(good)('may be %s', (uri) => {
    expect(parseRedirectUri(uri)).toEqual({ ok: true, value: uri })
  })
  it.each(bad)('may not have %s', (_, uri) => {
    expect(parseRedirectUri(uri).ok).toBe(false)
  })
})

const web = 'https://app.example/cb?tenant=1'
const local = 'http://localhost/callback'
const matches: readonly (readonly [
  name: string,
  registered: string,
  asked: string,
  fits: boolean,
])[] = [
  ['the same text', web, web, true],
  ['another query value', web, 'https://app.example/cb?tenant=2', false],
  ['an added query', web, `${web}&x=1`, false],
  ['an added path', web, 'https://app.example/cb/more?tenant=1', false],
  ['another order of letters in capitals', web, 'https://APP.example/cb?tenant=1', false],
  ['a slash at the end', 'https://app.example', 'https://app.example/', false],
  ['a free port on https', 'https://app.example/cb', 'https://app.example:8443/cb', false],
  ['a free port on this computer', local, 'http://localhost:53124/callback', true],
  ['a registered port and another', 'http://127.0.0.1:1/cb', 'http://127.0.0.1:2/cb', true],
  ['no port where one is registered', 'http://127.0.0.1:1/cb', 'http://127.0.0.1/cb', true],
  ['a free port on [::1]', 'http://[::1]/cb', 'http://[::1]:9/cb', true],
  ['another name of this computer', local, 'http://127.0.0.1:53124/callback', false],
  ['another path on this computer', local, 'http://localhost:53124/evil', false],
  ['another query on this computer', local, 'http://localhost:53124/callback?x', false],
  ['https on this computer', local, 'https://localhost:53124/callback', false],
  ['a host that begins alike', local, 'http://localhost.evil.example:53124/callback', false],
  ['a user part before the port', local, 'http://localhost:1@evil.example/callback', false],
  ['a port that is too high', local, 'http://localhost:65536/callback', false],
  ['a port that is no number', local, 'http://localhost:1a/callback', false],
  ['an empty port', local, 'http://localhost:/callback', false],
  ['a backslash', local, 'http://localhost:1\\callback', false],
  ['an encoded dot', local, 'http://localhost:1/%2e%2e/callback', false],
  ['a fragment', local, 'http://localhost:1/callback#', false],
  ['a tab', local, 'http://localhost:1/\tcallback', false],
  ['an app scheme', 'com.example.app:/cb', 'com.example.app:/cb', true],
  ['an app scheme with more', 'com.example.app:/cb', 'com.example.app:/cb2', false],
  ['nothing', web, '', false],
]

describe('a redirect URI of a request', () => {
  it.each(matches)('with %s', (_, registered, asked, fits) => {
    expect(matchRedirectUri([registered], asked)).toBe(fits ? registered : undefined)
  })
})
