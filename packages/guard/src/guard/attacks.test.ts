import {
  exportJwk,
  generateKey,
  importKey,
  publicKeyOf,
  signJwt,
  unwrap,
  type JwsAlgorithm,
  type Key,
} from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import { forgeMac, forgeSigned, part, signInput } from '../testing/forge.ts'
import { testIssuer } from '../testing/test-issuer.ts'
import { createGuard } from './guard.ts'

// Known attacks that reach a guarded route, with their codes in docs/attacks.md. Attacks that are one forged token of
// the test kit are tested there. Here are the others.

const t = testIssuer()
const now = t.clock.now()
const key = generateKey('ES256', { kid: 'ours' })
const jwk = exportJwk(key)
const claims = {
  iss: t.issuer,
  aud: t.audience,
  sub: 's',
  client_id: 'c',
  jti: 'j',
  iat: now,
  exp: now + 600,
}
const header = { alg: 'ES256', typ: 'at+jwt', kid: 'ours' }
const options = {
  issuer: t.issuer,
  audience: t.audience,
  keys: publicKeyOf(key),
  deps: { now: () => now },
}
const guard = createGuard(options)

/** Before the proof, a refusal has one answer. After it, the answer has the reason. A good token gives its caller. */
async function judge(token: string, by = guard): Promise<string> {
  const outcome = await by.check({ rawHeaders: ['Authorization', `Bearer ${token}`] })
  if (outcome.ok) return 'admitted'
  const { status, body } = by.answer(outcome.refusal)
  expect(status).toBe(401)
  return outcome.refusal.proven ? `proven: ${outcome.refusal.reason}` : body
}

const unproven = '{"error":"invalid_token","error_description":"The access token is not valid"}'
const signed = (head: unknown, payload: unknown = claims): string => forgeSigned(head, payload, key)
const withClaims = (more: object): string => signed(header, { ...claims, ...more })

it('the good token of these rows is admitted', async () => {
  expect(await judge(signed(header))).toBe('admitted')
})

const oneAnswer: Readonly<Record<string, readonly string[]>> = {
  'A01 alg none, with every ending': ['', '.', '.AAAA'].map(
    (end) => `${part({ ...header, alg: 'none' })}.${part(claims)}${end}`,
  ),
  'A02 none in disguise and alg of odd type': [
    'None',
    'NONE',
    'nOnE',
    'none ',
    ' none',
    'none\u0000',
    'n\u043ene',
    undefined,
    '',
    null,
    0,
    true,
    ['ES256'],
    { ES256: 1 },
  ].map((alg) => `${part({ ...header, alg })}.${part(claims)}.`),
  'A05 A06 the public key as a secret': (['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
    [
      JSON.stringify(jwk),
      JSON.stringify(jwk, null, 2),
      String(jwk['x']),
      'ecdsa-sha2-nistp256 AAAA',
      '',
    ].map((secret) => forgeMac({ ...header, alg }, claims, secret)),
  ),
  'A11 A13 the kid of one algorithm under another': [
    'ES384',
    'ES512',
    'ES256K',
    'ES521',
    'ES224',
    'RS256',
    'PS256',
    'EdDSA',
    'Ed25519',
    'ML-DSA-44',
  ].map((alg) => signed({ ...header, alg })),
  'A19 kid as a path, a query, a command': [
    '../../../../dev/null',
    'file\u0000.pem',
    "x' UNION SELECT 's'-- ",
    '1;SELECT pg_sleep(5)',
    '*)(uid=*',
    '$(sleep 5)',
  ].map((kid) => signed({ ...header, kid })),
  'A21 kid of odd types and names': [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    0,
    null,
    [],
    {},
    'k'.repeat(10_000),
  ].map((kid) => signed({ ...header, kid })),
  'A25 crit': [['bork'], [], 'exp', ['alg'], ['b64', 'b64'], [1], null].map((crit) =>
    signed({ ...header, crit, bork: 1 }),
  ),
  'A26 b64': [{ b64: false, crit: ['b64'] }, { b64: false }, { b64: 'false' }, { b64: 0 }].map(
    (more) => signed({ ...header, ...more }),
  ),
  'A27 header members twice': ['"alg":"none"', '"alg":"ES256"', '"kid":"ours"', '"crit":["x"]']
    .map((member) =>
      signInput(
        `${part(`{${member},${JSON.stringify({ ...header, crit: undefined }).slice(1)}`)}.${part(claims)}`,
        key,
      ),
    )
    .slice(0, 3),
  'A28 header no object or in another encoding': [[], 'x', 1, null]
    .map((head) => signed(JSON.stringify(head)))
    .concat(
      [
        Buffer.from(JSON.stringify(header), 'utf16le'),
        Buffer.from([0x7b, 0xc0, 0xaf, 0x7d]),
        '{"alg":"ES256","kid":"\\ud800"}',
      ].map((head) => signed(head)),
    ),
  'A29 A31 A32 signatures of zeros, of nothing, cut and longer': [
    0, 1, 8, 16, 31, 32, 63, 64, 65, 96, 132,
  ].map(
    (length) => `${part(header)}.${part(claims)}.${Buffer.alloc(length).toString('base64url')}`,
  ),
  'B02 padding and white space': ['=', '==', '\t'].flatMap((mark) => [
    `${signed(header)}${mark}`,
    signed(header).replace('.', `${mark}.`),
  ]),
  'B03 another alphabet': ['+', '/', '?', '#', '%', '\u00e9'].map(
    (mark) => `${signed(header).slice(0, -3)}${mark}AA`,
  ),
  'B04 parts and trailing garbage': [
    '',
    'a',
    'a.b',
    '.a.b',
    'a.b.c.d',
    'a.b.c.d.e',
    'a.b.c.d.e.f',
    '.'.repeat(8_000),
    `${signed(header)};`,
    `${signed(header)}%00`,
    `${signed(header)}.`,
  ].filter((token) => token !== ''),
  'B29 huge': [
    `${part(header)}.${part({ ...claims, pad: 'x'.repeat(60_000) })}.AAAA`,
    'a'.repeat(1_000_000),
  ],
  'C01 C02 C03 C16 encrypted, to a guard that decrypts nothing': [
    { alg: 'dir', enc: 'A256GCM' },
    { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2_147_483_647, p2s: 'AAAA' },
    { alg: 'RSA1_5', enc: 'A128GCM' },
    { alg: 'ECDH-ES', enc: 'A256GCM', zip: 'DEF', epk: { ...jwk } },
  ].map((envelope) => `${part(envelope)}.AAAA.AAAA.${part(claims)}.AAAAAAAAAAAAAAAAAAAAAA`),
}

describe('one answer for every unproven token (B32)', () => {
  it.each(Object.entries(oneAnswer))('%s', async (_row, tokens) => {
    expect(tokens.length).toBeGreaterThan(1)
    for (const token of tokens) expect(await judge(token)).toBe(unproven)
  })
})

const provenRows: Readonly<Record<string, readonly string[]>> = {
  'B09 claims twice': ['"sub":"a"', `"exp":${now + 60}`, '"aud":"x"'].map((member) =>
    signed(header, `{${member},${JSON.stringify(claims).slice(1)}`),
  ),
  'B10 members of the prototype': [
    '"__proto__":{"scope":"admin"}',
    '"a":{"__proto__":{"admin":true}}',
  ].map((member) => signed(header, `{${member},${JSON.stringify(claims).slice(1)}`)),
  'B11 nested deep': [
    signed(
      header,
      `${JSON.stringify(claims).slice(0, -1)},"a":${'['.repeat(2000)}${']'.repeat(2000)}}`,
    ),
  ],
  'B12 strange times': ['exp', 'nbf', 'iat'].flatMap((name) =>
    ['"9999999999"', '"never"', 'true', '[]', '{}', '"NaN"', '1e400', '-1', '1'.repeat(400)].map(
      (value) => {
        const { [name]: _dropped, ...rest } = claims as Record<string, unknown>
        return signed(header, `{"${name}":${value},${JSON.stringify(rest).slice(1)}`)
      },
    ),
  ),
  'B14 boundaries of time': [
    withClaims({ exp: now - 10, iat: now - 60 }),
    withClaims({ exp: now - 11, iat: now - 60 }),
    withClaims({ nbf: now + 11 }),
    withClaims({ iat: now + 86_400 }),
  ],
  'B15 a required claim missing': ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'].map(
    (name) => withClaims({ [name]: undefined }),
  ),
  'B16 audiences': [
    [],
    '',
    [''],
    [[t.audience]],
    7,
    {},
    `${t.audience}.evil`,
    t.audience.slice(0, -1),
    t.audience.toUpperCase(),
    `${t.audience}/`,
    ['other'],
    [t.audience, 'other'],
  ].map((aud) => withClaims({ aud })),
  'B17 issuers': [
    [t.issuer, 'https://evil.test'],
    t.issuer.slice(0, -1),
    `${t.issuer}x`,
    `${t.issuer}/`,
    t.issuer.toUpperCase(),
    `${t.issuer}@evil.test`,
    'https://\u0456ssuer.test',
  ].map((iss) => withClaims({ iss })),
  'B20 subjects': [7, {}, [], null, '', 'a\u0000b', 'x'.repeat(5_000), '\u202ealice'].map((sub) =>
    withClaims({ sub }),
  ),
  'B22 B24 B25 other kinds of tokens': [
    'JWT',
    undefined,
    'at+jwt;v=1',
    ['at+jwt'],
    'application/x/at+jwt',
    'logout+jwt',
    'dpop+jwt',
    'statuslist+jwt',
    'revocation-page+jwt',
    'refresh+jwt',
  ].map((typ) => signed({ ...header, typ })),
  'B24 nested in itself': [signed({ ...header, cty: 'JWT' }, signed(header))],
  'B28 no UTF-8': [
    signed(header, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    signed(header, JSON.stringify(claims).replace('"s"', '"\\ud800"')),
  ],
}

describe('refused although the signature is valid', () => {
  it.each(Object.entries(provenRows))('%s', async (_row, tokens) => {
    for (const token of tokens) expect(await judge(token)).not.toBe('admitted')
  })

  it('B10 nothing leaked into other objects', () => {
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })
})

describe('admitted, because the token is valid', () => {
  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('B25 typ %s', async (typ) => {
    expect(await judge(signed({ ...header, typ }))).toBe('admitted')
  })

  it('B14 inside the leeway, B12 fractions of seconds', async () => {
    expect(await judge(withClaims({ exp: now - 9, iat: now - 60 }))).toBe('admitted')
    expect(await judge(withClaims({ exp: now + 60.5 }))).toBe('admitted')
  })

  it('B16 several audiences if the owner allows them', async () => {
    const open = createGuard({ ...options, allowOtherAudiences: true })
    expect(await judge(withClaims({ aud: [t.audience, 'other'] }), open)).toBe('admitted')
    expect(await judge(withClaims({ aud: ['other'] }), open)).not.toBe('admitted')
  })
})

describe('keys', () => {
  const asIssuer = (keys: readonly object[], algorithms?: readonly JwsAlgorithm[]) =>
    createGuard({ ...options, keys: { keys }, ...(algorithms === undefined ? {} : { algorithms }) })
  const published = (more: object): object => ({ ...jwk, ...more })

  it('A09 a JWK without alg takes the only algorithm that fits, and no secret', async () => {
    const by = asIssuer([published({ alg: undefined })], ['ES256', 'RS256'])
    expect(await judge(signed(header), by)).toBe('admitted')
    expect(await judge(forgeMac({ ...header, alg: 'HS256' }, claims, ''), by)).toBe(unproven)
  })

  it('A23 a kid twice is refused at the start; a secret in a published set is skipped', async () => {
    expect(() => asIssuer([jwk, exportJwk(generateKey('ES256', { kid: 'ours' }))])).toThrow(
      TypeError,
    )
    const secret = { kty: 'oct', k: 'A'.repeat(43), alg: 'HS256', kid: 'oct' }
    const by = asIssuer([jwk, secret])
    expect(by.health().issuers[0]?.keys).toMatchObject({
      keys: 1,
      skipped: [expect.stringContaining('oct')],
    })
    expect(
      await judge(forgeMac({ alg: 'HS256', kid: 'oct' } as never, claims, Buffer.alloc(32)), by),
    ).toBe(unproven)
  })

  it('A12 one key, one padding: PS256 under the kid of RS256', async () => {
    const rsa = generateKey('RS256', { kid: 'rsa' })
    const asPss: Key = unwrap(
      importKey({ ...exportJwk(rsa, { private: true }), alg: 'PS256' }, { alg: 'PS256' }),
    )
    const by = createGuard({ ...options, keys: publicKeyOf(rsa) })
    expect(await judge(signJwt(claims, rsa, { typ: 'at+jwt' }), by)).toBe('admitted')
    expect(await judge(signJwt(claims, asPss, { typ: 'at+jwt' }), by)).toBe(unproven)
  })

  it('A24 B18 the key of one issuer proves nothing for another', async () => {
    const other = generateKey('ES256', { kid: 'ours' })
    const by = createGuard({
      audience: t.audience,
      deps: options.deps,
      issuer: [
        { issuer: t.issuer, keys: publicKeyOf(key) },
        { issuer: 'https://other.test', keys: publicKeyOf(other) },
      ],
    })
    expect(await judge(signed(header), by)).toBe('admitted')
    expect(await judge(forgeSigned(header, claims, other), by)).toBe(unproven)
    expect(await judge(withClaims({ iss: 'https://other.test' }), by)).toBe(unproven)
  })

  it('A38 an Ed25519 signature whose S is not reduced', async () => {
    const ed = generateKey('Ed25519', { kid: 'ed' })
    const by = createGuard({ ...options, keys: publicKeyOf(ed) })
    const token = signJwt(claims, ed, { typ: 'at+jwt' })
    expect(await judge(token, by)).toBe('admitted')
    const end = token.lastIndexOf('.')
    const bytes = Buffer.from(token.slice(end + 1), 'base64url')
    const order = Buffer.from(
      'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010',
      'hex',
    )
    let carry = 0
    for (let at = 0; at < 32; at += 1) {
      const sum = (bytes[32 + at] ?? 0) + (order[at] ?? 0) + carry
      bytes[32 + at] = sum & 255
      carry = sum >> 8
    }
    expect(await judge(`${token.slice(0, end)}.${bytes.toString('base64url')}`, by)).toBe(unproven)
  })
})

it('B19 a client whose name is a user stays a client', async () => {
  const caller = await guard.require({
    rawHeaders: ['Authorization', `Bearer ${withClaims({ sub: 'alice', client_id: 'alice' })}`],
  })
  expect([caller.subject, caller.clientId, caller.roles]).toEqual(['alice', 'alice', []])
})

it('G19 the text of a token cannot break a log line', async () => {
  const lines: string[] = []
  const by = createGuard({
    ...options,
    onRefusal: (refusal) => lines.push(JSON.stringify(refusal)),
  })
  await judge(signed({ ...header, kid: `a\r\n{"level":"info"}\u001b[2J${'x'.repeat(5_000)}` }), by)
  await judge(withClaims({ exp: 1, iat: 0, jti: 'j'.repeat(900) }), by)
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    expect(line.length).toBeLessThan(300)
    for (const mark of ['\r', '\n', '\u001b']) expect(line).not.toContain(mark)
  }
})
