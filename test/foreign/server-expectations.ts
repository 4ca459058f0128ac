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

/** Expected results of servers that verify tokens in front of an API. */
export const servers: readonly Line[] = [
  [
    'debian',
    'haproxy',
    'HAProxy 2.6.12',
    admits(['ES256', 'RS256'], '403', { PS256: '401', EdDSA: '401' }),
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
    admits(['ES256', 'RS256', 'PS256'], '401', { EdDSA: '401' }),
  ],
]
