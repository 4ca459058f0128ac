import { describe, expect, it } from 'vitest'
import { nodeReader } from '../policy/request.ts'
import { readCredential, type CredentialSources } from './read.ts'

type Headers = readonly (readonly [name: string, value: string])[]

function read(
  headers: Headers,
  sources: CredentialSources = ['header'],
  method = 'GET',
  url = '/',
) {
  const result = readCredential(nodeReader, { method, url, rawHeaders: headers.flat() }, sources)
  return result.ok ? `${result.value.scheme} ${result.value.token}` : result.refusal.reason
}

describe('the Authorization header (RFC 6750 §2.1)', () => {
  const rows: readonly (readonly [name: string, headers: Headers, answer: string])[] = [
    ['a token', [['Authorization', 'Bearer tok']], 'Bearer tok'],
    ['the scheme in small letters', [['authorization', 'bearer tok']], 'Bearer tok'],
    ['the scheme in capitals', [['AUTHORIZATION', 'BEARER tok']], 'Bearer tok'],
    ['the DPoP scheme', [['Authorization', 'dPoP tok']], 'DPoP tok'],
    ['nothing', [], 'credential_missing'],
    ['an empty value', [['Authorization', '']], 'scheme_unsupported'],
    ['the scheme alone', [['Authorization', 'Bearer']], 'credential_malformed'],
    ['the scheme and a space', [['Authorization', 'Bearer ']], 'credential_malformed'],
    ['two spaces', [['Authorization', 'Bearer  tok']], 'credential_malformed'],
    ['a token with a space', [['Authorization', 'Bearer tok x']], 'credential_malformed'],
    ['a token with a comma', [['Authorization', 'Bearer tok,']], 'credential_malformed'],
    ['another scheme', [['Authorization', 'Basic tok']], 'scheme_unsupported'],
    ['no scheme', [['Authorization', 'tok']], 'scheme_unsupported'],
    ['two in one value', [['Authorization', 'Bearer a, Bearer b']], 'credentials_ambiguous'],
    [
      'two headers',
      [
        ['Authorization', 'Bearer a'],
        ['authorization', 'Bearer a'],
      ],
      'credentials_ambiguous',
    ],
    [
      'two headers of two schemes',
      [
        ['Authorization', 'Basic a'],
        ['Authorization', 'Bearer b'],
      ],
      'credentials_ambiguous',
    ],
  ]
  it.each(rows)('%s', (_name, headers, answer) => {
    expect(read(headers)).toBe(answer)
  })

  it('is the only place by default: no cookie, no query', () => {
    const headers = [['Cookie', '__Host-session=tok']] as const
    expect(read(headers, ['header'], 'GET', '/?access_token=tok')).toBe('credential_missing')
  })
})

const cookie = { cookie: '__Host-session', allowedOrigins: ['https://app.example'] } as const
const host = ['Host', 'api.example'] as const
const session = ['Cookie', 'a=1; __Host-session=tok; b=2'] as const

describe('the session cookie', () => {
  const rows: readonly (readonly [name: string, headers: Headers, answer: string])[] = [
    ['is found among others', [session], 'Cookie tok'],
    ['is absent', [['Cookie', 'a=1']], 'credential_missing'],
    ['is empty', [['Cookie', '__Host-session=']], 'credential_malformed'],
    [
      'is not matched by a part of its name',
      [['Cookie', '__Host-session2=x; x__Host-session=y']],
      'credential_missing',
    ],
    [
      'is not matched behind a no-break space',
      [['Cookie', '\u00a0__Host-session=x; \u2000__Host-session=y']],
      'credential_missing',
    ],
    [
      'is not matched behind a form feed',
      [['Cookie', '\f__Host-session=x;\v__Host-session=y']],
      'credential_missing',
    ],
    ['is case-sensitive', [['Cookie', '__host-session=x']], 'credential_missing'],
    ['occurs twice', [['Cookie', '__Host-session=a; __Host-session=a']], 'credentials_ambiguous'],
    ['occurs in two headers', [session, session], 'credentials_ambiguous'],
    [
      'has a field of its own, as HTTP/2 allows',
      [
        ['cookie', 'a=1'],
        ['cookie', '__Host-session=tok'],
        ['cookie', 'b=2'],
      ],
      'Cookie tok',
    ],
    [
      'occurs twice in fields of their own',
      [
        ['cookie', '__Host-session=a'],
        ['cookie', '__Host-session=b'],
      ],
      'credentials_ambiguous',
    ],
    [
      'among junk (F26)',
      [['Cookie', `;;=;__proto__=x;%00=1;${'c=1;'.repeat(200)}`]],
      'credential_missing',
    ],
  ]
  it.each(rows)('%s', (_name, headers, answer) => {
    expect(read([host, ...headers], [cookie])).toBe(answer)
  })

  it('of a plain name is accepted on loopback only', () => {
    const plain = [{ cookie: 'session' }] as const
    const sent = ['Cookie', 'session=tok'] as const
    for (const name of ['localhost:3000', '127.0.0.1', '[::1]:80'])
      expect(read([['Host', name], sent], plain)).toBe('Cookie tok')
    for (const name of ['api.example', '127.0.0.1.evil', 'localhost.evil', ''])
      expect(read([['Host', name], sent], plain)).toBe('cross_site')
    expect(read([sent], plain)).toBe('cross_site')
  })

  const local = ['Host', '127.0.0.1:3000'] as const
  const plainRows: readonly (readonly [string, Headers, object, string])[] = [
    ['through a proxy that names its client', [['X-Forwarded-For', '192.0.2.7']], {}, 'cross_site'],
    [
      'through two proxies, the first on this machine',
      [['X-Forwarded-For', '127.0.0.1, 192.0.2.7']],
      {},
      'cross_site',
    ],
    ['through a proxy of this machine', [['X-Forwarded-For', '::1']], {}, 'Cookie tok'],
    ['through a proxy that names itself', [['Forwarded', 'for=192.0.2.7']], {}, 'cross_site'],
    [
      'for a public origin on another machine',
      [],
      { publicOrigin: 'https://app.example' },
      'cross_site',
    ],
    [
      'for a public origin on this machine',
      [],
      { publicOrigin: 'http://localhost:3000' },
      'Cookie tok',
    ],
  ]
  it.each(plainRows)('of a plain name %s', (_name, headers, more, answer) => {
    const sent = [local, ['Cookie', 'session=tok'] as const, ...headers]
    expect(read(sent, [{ cookie: 'session', ...more }])).toBe(answer)
  })

  it.each([
    ['127.0.0.1', 'Cookie tok'],
    ['::1', 'Cookie tok'],
    ['::ffff:127.0.0.1', 'Cookie tok'],
    ['192.0.2.7', 'cross_site'],
    ['2001:db8::1', 'cross_site'],
  ])('of a plain name from the address %s: %s', (remoteAddress, answer) => {
    const rawHeaders = [...local, 'Cookie', 'session=tok']
    const request = { method: 'GET', rawHeaders, socket: { remoteAddress } }
    const found = readCredential(nodeReader, request, [{ cookie: 'session' }])
    expect(found.ok ? `${found.value.scheme} ${found.value.token}` : found.refusal.reason).toBe(
      answer,
    )
  })
})

describe('cross-site protection of the cookie (F27)', () => {
  const site = (value: string) => ['Sec-Fetch-Site', value] as const
  const origin = (value: string) => ['Origin', value] as const
  const rows: readonly (readonly [method: string, headers: Headers, answer: string])[] = [
    ['GET', [], 'Cookie tok'],
    ['HEAD', [site('cross-site')], 'Cookie tok'],
    ['GET', [['Upgrade', 'websocket']], 'cross_site'],
    ['GET', [['Upgrade', 'websocket'], origin('https://evil.example')], 'cross_site'],
    ['GET', [['Upgrade', 'websocket'], origin('https://api.example')], 'Cookie tok'],
    ['POST', [], 'cross_site'],
    ['POST', [site('same-origin')], 'Cookie tok'],
    ['POST', [site('none')], 'Cookie tok'],
    ['POST', [site('same-site')], 'cross_site'],
    ['POST', [site('same-site'), origin('https://app.example')], 'Cookie tok'],
    ['POST', [site('cross-site'), origin('https://api.example')], 'cross_site'],
    ['POST', [site('anything')], 'cross_site'],
    ['POST', [site('same-origin'), site('cross-site')], 'cross_site'],
    ['POST', [origin('https://api.example')], 'Cookie tok'],
    ['POST', [origin('http://api.example')], 'cross_site'],
    ['POST', [origin('HTTPS://api.example')], 'cross_site'],
    ['POST', [origin('null')], 'cross_site'],
    ['POST', [origin('https://evil.example')], 'cross_site'],
    ['POST', [origin('https://sub.api.example')], 'cross_site'],
    ['POST', [origin('https://api.example.evil')], 'cross_site'],
    ['POST', [origin('https://api.example:444')], 'cross_site'],
    ['POST', [origin('https://api.example'), origin('https://evil.example')], 'cross_site'],
    ['DELETE', [origin('https://app.example')], 'Cookie tok'],
    ['get', [], 'cross_site'],
    ['PROPFIND', [], 'cross_site'],
    ['POST', [['X-HTTP-Method-Override', 'GET']], 'cross_site'],
  ]
  it.each(rows)('%s %j: %s', (method, headers, answer) => {
    expect(read([host, session, ...headers], [cookie], method)).toBe(answer)
  })

  it('accepts the host of HTTP/2 and the port of https in Host', () => {
    const sent = [session, origin('https://api.example')]
    for (const own of [
      [':authority', 'api.example'],
      ['Host', 'api.example:443'],
    ] as const)
      expect(read([own, ...sent], [cookie], 'POST')).toBe('Cookie tok')
    expect(read([[':authority', 'evil.example'], ...sent], [cookie], 'POST')).toBe('cross_site')
  })

  it('accepts plain http on loopback', () => {
    const sent = [['Host', 'localhost:3000'], session, origin('http://localhost:3000')] as const
    expect(read(sent, [cookie], 'POST')).toBe('Cookie tok')
    expect(read([...sent.slice(0, 2), origin('http://localhost:4000')], [cookie], 'POST')).toBe(
      'cross_site',
    )
  })

  it('compares with the public origin if a proxy rewrites Host', () => {
    const behind = [{ ...cookie, publicOrigin: 'https://shop.example' }] as const
    expect(read([host, session, origin('https://shop.example')], behind, 'POST')).toBe('Cookie tok')
    expect(read([host, session, origin('https://api.example')], behind, 'POST')).toBe('cross_site')
  })
})

describe('both places', () => {
  const bearer = ['Authorization', 'Bearer head'] as const
  it('are read in the stated order', () => {
    expect(read([host, session, bearer], ['header', cookie])).toBe('Bearer head')
    expect(read([host, session, bearer], [cookie, 'header'])).toBe('Cookie tok')
    expect(read([host, session], ['header', cookie])).toBe('Cookie tok')
    expect(read([host, bearer], [cookie, 'header'])).toBe('Bearer head')
  })

  it('never fall back from a bad credential', () => {
    expect(read([host, session, ['Authorization', 'Bearer']], ['header', cookie])).toBe(
      'credential_malformed',
    )
  })
})
