type Rows = Readonly<Record<string, string>>
type Line = readonly [group: string, program: string, library: string, rows: Rows]

/** These algorithms pass. A tampered token gets 401, and one for another audience this status. */
function admits(algorithms: readonly string[], otherAudience: string, others: Rows = {}): Rows {
  const rows = algorithms.flatMap((name) => [
    [name, 'ok'],
    [`${name} tampered`, '401'],
    [`${name} other audience`, otherAudience],
  ])
  return { ...(Object.fromEntries(rows) as Rows), ...others }
}

/** Tokens with one fault each, which our service never makes. `ok` shows a check that the server does not make. */
function faults(others: Rows): Rows {
  const names = ['another type', 'expired', 'without an expiry', 'not yet valid', 'another issuer']
  const more = ['without an issuer', 'without an audience', 'an unknown key', 'the algorithm none']
  const rows = [...names, ...more, 'an HMAC with the public key'].map((name) => [name, '401'])
  return { ...(Object.fromEntries(rows) as Rows), ...others }
}

/** Expected results of servers: they verify tokens in front of an API, or issue tokens for a guard. */
export const servers: readonly Line[] = [
  [
    'debian',
    'haproxy',
    'HAProxy 2.6.12',
    admits(['ES256', 'RS256'], '403', {
      PS256: '401',
      EdDSA: '401',
      ...faults({ 'without an audience': '403', 'an unknown key': 'ok' }),
    }),
  ],
  [
    'debian',
    'nginx-njs',
    'nginx 1.22.1 with njs 0.7.9',
    admits(['ES256', 'RS256', 'PS256', 'EdDSA'], '403'),
  ],
  [
    'debian',
    'mod-auth-openidc',
    'mod_auth_openidc 2.4.12.3',
    admits(['ES256', 'RS256', 'PS256'], '401', {
      EdDSA: '401',
      'keys over http': 'cannot be parsed as a "https" URL',
    }),
  ],
  [
    'debian',
    'mod-oauth2',
    'mod_oauth2 3.3.1',
    admits(['ES256', 'RS256', 'PS256'], '401', {
      EdDSA: '401',
      ...faults({ 'another type': 'ok', 'not yet valid': 'ok' }),
    }),
  ],
  [
    'go-servers',
    'oauth2-proxy',
    'oauth2-proxy 7.15.6',
    admits(['RS256'], '401', {
      ES256: 'unexpected signature algorithm "ES256"; expected ["RS256"]',
      PS256: 'unexpected signature algorithm "PS256"; expected ["RS256"]',
      EdDSA: 'unexpected signature algorithm "EdDSA"; expected ["RS256"]',
    }),
  ],
  [
    'go-servers',
    'guard-zitadel',
    'zitadel/oidc 3.52.0',
    {
      'JWT as it is': '"found":"JWT"',
      'JWT with a profile': 'ok',
      'JWT with the issuer without its slash': 'issuer_differs',
      opaque: '"cause":{"reason":"key_missing"}',
    },
  ],
]
