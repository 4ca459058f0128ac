import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../packages/server/src/cli/main.ts'
import { aFolder } from './dev.ts'

const folder = aFolder()
const file = join(folder, 'users.db')
const environment = {
  COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  COUNTERSIGN_ISSUER: 'https://id.northwind.example',
  DATABASE_URL: file,
}
const api = 'https://api.test'

interface Answer {
  readonly code: number
  readonly found: Record<string, unknown>
  /** The sentences on standard error. */
  readonly said: readonly string[]
}

/** Runs one command with `--json`. */
async function type(argv: readonly string[], given = ''): Promise<Answer> {
  let printed = ''
  let said = ''
  const streams = {
    stdin: { isTTY: false, [Symbol.asyncIterator]: () => [Buffer.from(given)].values() as never },
    stdout: { write: (text: string) => (printed += text) },
    stderr: { write: (text: string) => (said += text) },
  }
  const code = await main([...argv, '--json'], environment, streams)
  const sentences = said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { warning, note, message }: Record<string, string> = JSON.parse(line)
      return String(warning ?? note ?? message)
    })
  return { code, found: printed === '' ? {} : JSON.parse(printed), said: sentences }
}

/** Imports users that are given as objects, one a line. */
const importLines = (users: readonly unknown[], ...more: readonly string[]) =>
  type(['users', 'import', '-', ...more], users.map((user) => `${JSON.stringify(user)}\n`).join(''))

/** Imports a document. */
const importDocument = (document: unknown, ...more: readonly string[]) =>
  type(['users', 'import', '-', ...more], JSON.stringify(document, undefined, 1))

const show = async (user: string) => (await type(['users', 'show', user])).found

const bcrypt = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

beforeAll(async () => {
  await type(['resources', 'add', api, '--scope', 'read write', '--new'])
})

describe('an import of our own format', () => {
  it('creates users with names, profile, access, password, status and age', async () => {
    const { code, found, said } = await importLines([
      {
        id: 'legacy-1',
        names: [{ name: 'Ann' }, { name: 'Ann@Example.org', verified: true }],
        createdAt: '2020-02-03T04:05:06Z',
        profile: { name: 'Ann Lee', locale: 'de' },
        password: { hash: bcrypt, mustChange: true },
        access: [{ audience: api, scopes: ['read'], roles: ['editor'] }],
      },
      { names: [{ name: 'bob@example.org' }], status: 'disabled', createdAt: 1_500_000_000 },
    ])
    expect(said).toEqual([])
    expect({ code, found }).toEqual({
      code: 0,
      found: {
        read: 2,
        created: 2,
        unchanged: 0,
        refused: 0,
        passwords: { bcrypt: 1, none: 1 },
        notImported: {},
      },
    })
    expect(await show('ann@example.org')).toMatchObject({
      id: 'legacy-1',
      status: 'active',
      createdAt: 1_580_702_706,
      names: [
        { name: 'Ann', verifiedAt: null },
        { name: 'Ann@example.org', verifiedAt: expect.any(Number) },
      ],
      profile: { name: 'Ann Lee', locale: 'de' },
      access: [{ audience: api, scopes: ['read'], roles: ['editor'] }],
      passwordMustChange: true,
    })
    expect(await show('bob@example.org')).toMatchObject({
      status: 'disabled',
      createdAt: 1_500_000_000,
      names: [{ verifiedAt: null }],
      passwordSetAt: null,
    })
  })

  it('keeps no hash in the clear', async () => {
    await importLines([{ names: [{ name: 'sealed' }], password: { hash: bcrypt } }])
    const database = new DatabaseSync(file)
    const text = JSON.stringify(database.prepare('select * from passwords').all())
    database.close()
    expect(text).toContain('sealed$1$')
    expect(text).not.toContain(bcrypt.slice(7))
  })

  it('repeats without a change', async () => {
    const users = [
      { names: [{ name: 'twice@example.org' }] },
      { id: 'x-2', names: [{ name: 'x2' }] },
    ]
    expect((await importLines(users)).found).toMatchObject({ created: 2, unchanged: 0 })
    await type(['users', 'profile', 'x2', '--set', 'name=Changed'])
    expect((await importLines(users)).found).toMatchObject({ created: 0, unchanged: 2, refused: 0 })
    expect(await show('x2')).toMatchObject({ id: 'x-2', profile: { name: 'Changed' } })
  })

  it('an id that is the name of another user names nobody, unless it says that it is an id', async () => {
    const named = [
      { id: 'shadow', names: [{ name: 'first' }] },
      { id: 's-2', names: [{ name: 'Shadow' }] },
    ]
    expect((await importLines(named)).found).toMatchObject({ created: 2 })
    const unclear =
      'shadow is the id of one user and the name of another: write id:shadow for the first, or another name of the second.'
    expect(await type(['users', 'disable', 'shadow'])).toMatchObject({ code: 1, said: [unclear] })
    expect(await type(['users', 'disable', 'id:shadow'])).toMatchObject({ code: 0, said: [] })
    expect(await show('first')).toMatchObject({ status: 'disabled' })
    expect(await show('s-2')).toMatchObject({ status: 'active' })
  })

  it('only judges with --dry-run', async () => {
    const users = [{ names: [{ name: 'dry' }] }, { names: [{ name: 'legacy-1', verified: true }] }]
    const { code, found, said } = await importLines(users, '--dry-run')
    expect({ code, found }).toMatchObject({ code: 1, found: { created: 1, refused: 1 } })
    expect(said).toContain('Nothing was written.')
    expect((await type(['users', 'show', 'dry'])).code).toBe(1)
  })

  it('adds the access of the command to each user', async () => {
    const access = [{ audience: api, roles: ['admin'] }]
    const more = ['--resource', api, '--scope', 'read', '--roles', 'guest']
    await importLines(
      [{ names: [{ name: 'plain' }] }, { names: [{ name: 'own' }], access }],
      ...more,
    )
    expect(await show('plain')).toMatchObject({ access: [{ scopes: ['read'], roles: ['guest'] }] })
    expect(await show('own')).toMatchObject({ access: [{ scopes: [], roles: ['admin'] }] })
  })

  const named = { names: [{ name: 'somebody' }] }
  it.each([
    ['no JSON', '{"names"', 'line 2: The JSON is refused: json_syntax.'],
    [
      'a member twice',
      '{"id":"a","id":"b"}',
      'line 2: The JSON is refused: json_duplicate_member.',
    ],
    ['a list', '[]', 'line 2: expected object, received array.'],
    ['no name', { names: [] }, 'line 2, names: A user has at least one name.'],
    ['an unknown member', { ...named, admin: true }, 'line 2, admin: There is no such member.'],
    [
      'a deep unknown member',
      { ...named, password: { hash: bcrypt, salt: 'x' } },
      'line 2, password.salt: There is no such member.',
    ],
    [
      'a malformed address',
      { names: [{ name: 'a@b@c' }] },
      'line 2, names.0.name: A mail address looks like ann@example.org; the at sign of this one is wrong.',
    ],
    [
      'a verified user name',
      { names: [{ name: 'somebody', verified: true }] },
      'line 2, names.0.name: Only a mail address can be verified.',
    ],
    [
      'an unknown hash',
      { ...named, password: { hash: '5f4dcc3b5aa765d61d8327deb882cf99' } },
      'line 2, password.hash: The hash has a form that is not supported: use bcrypt, argon2, scrypt or PBKDF2.',
    ],
    [
      'a hash of an hour',
      { ...named, password: { hash: bcrypt.replace('$05$', '$31$') } },
      'line 2, password.hash: The hash costs too much to verify: bcrypt may have cost 14 at most.',
    ],
    [
      'a malformed claim',
      { ...named, profile: { birthdate: 'never' } },
      'line 2, profile: birthdate must be a date such as 1990-12-31, a year, or 0000-12-31.',
    ],
    [
      'an unknown claim',
      { ...named, profile: { email_verified: true } },
      'line 2, profile: There is no claim "email_verified".',
    ],
    [
      'a moment to come',
      { ...named, createdAt: '2999-01-01T00:00:00Z' },
      'line 2, createdAt: The moment must be between 1970 and now: whole seconds, or a text such as 2026-01-31T12:00:00Z.',
    ],
    [
      'an id with a space',
      { ...named, id: 'a b' },
      'line 2, id: An id has 1 to 128 visible ASCII letters.',
    ],
    [
      'an unknown resource',
      { ...named, access: [{ audience: 'https://gone.test' }] },
      'line 2, access: There is no resource https://gone.test: add it first, or see "countersign resources list".',
    ],
    [
      'a name of another user',
      { names: [{ name: 'new-name' }, { name: 'ANN' }] },
      'line 2: ann is the name of another user.',
    ],
    [
      'the name of the line before',
      { names: [{ name: 'BEFORE@example.org' }] },
      'line 2: The user of line 1 has the same name before@example.org.',
    ],
  ])('names the line and the member of %s, and goes on', async (_, user, sentence) => {
    const line = typeof user === 'string' ? user : JSON.stringify(user)
    const text = `{"names":[{"name":"before@example.org"}]}\n${line}\n{"names":[{"name":"behind"}]}\n`
    const { code, found, said } = await type(['users', 'import', '-'], text)
    expect(code).toBe(1)
    expect(said.join('\n')).toContain(sentence)
    expect(found).toMatchObject({ read: 3, refused: 1 })
    expect(await show('behind')).toMatchObject({ names: [{ name: 'behind' }] })
  })

  it('shows a hundred problems, and counts the others', async () => {
    const { said, found } = await importLines(Array.from({ length: 120 }, () => ({ names: [] })))
    expect(said).toHaveLength(101)
    expect(said.at(-1)).toBe('There are 20 more problems.')
    expect(found).toMatchObject({ refused: 120 })
  })

  it('names a file that cannot be read', async () => {
    const { code, said } = await type(['users', 'import', join(folder, 'absent.ndjson')])
    expect({ code, said: said.join() }).toMatchObject({
      code: 1,
      said: expect.stringContaining('absent.ndjson cannot be read.'),
    })
  })
})

describe('an export of Auth0', () => {
  it('is read from both files that Auth0 gives', async () => {
    const { code, found, said } = await importLines(
      [
        {
          user_id: 'auth0|a1',
          email: 'a1@example.org',
          email_verified: true,
          name: 'A One',
          picture: 'not an address',
          created_at: '2021-01-01T00:00:00.000Z',
          blocked: true,
          identities: [{ provider: 'auth0' }, { provider: 'google-oauth2' }],
          multifactor: ['guardian'],
          user_metadata: { color: 'red' },
          app_metadata: {},
        },
        {
          _id: { $oid: 'a2' },
          email: 'a2@example.org',
          email_verified: false,
          username: 'a2',
          passwordHash: bcrypt.replace('$2a$', '$2b$'),
          connection: 'Username-Password-Authentication',
          tenant: 't',
        },
      ],
      '--from',
      'auth0',
    )
    expect(said).toEqual([])
    expect({ code, found }).toMatchObject({
      code: 0,
      found: {
        created: 2,
        passwords: { bcrypt: 1, none: 1 },
        notImported: {
          'picture (of another form)': 1,
          'second factors': 1,
          'sign-in with google-oauth2': 1,
          user_metadata: 1,
        },
      },
    })
    expect(await show('a1@example.org')).toMatchObject({
      id: 'auth0|a1',
      status: 'disabled',
      profile: { name: 'A One' },
      names: [{ verifiedAt: expect.any(Number) }],
    })
    expect(await show('a2')).toMatchObject({
      id: 'auth0|a2',
      names: [{ name: 'a2' }, { name: 'a2@example.org', verifiedAt: null }],
    })
  })
})

describe('an export of a Keycloak realm', () => {
  const pbkdf2 = {
    type: 'password',
    secretData: JSON.stringify({
      value: Buffer.alloc(64, 1).toString('base64'),
      salt: 'c2FsdHNhbHQ=',
    }),
    credentialData: JSON.stringify({ hashIterations: 27_500, algorithm: 'pbkdf2-sha512' }),
  }
  const argon2 = {
    type: 'password',
    secretData: JSON.stringify({
      value: Buffer.alloc(32, 1).toString('base64'),
      salt: 'c2FsdHNhbHQ=',
    }),
    credentialData: JSON.stringify({
      hashIterations: 5,
      algorithm: 'argon2',
      additionalParameters: {
        hashLength: ['32'],
        memory: ['7168'],
        type: ['id'],
        version: ['1.3'],
        parallelism: ['1'],
      },
    }),
  }

  it('is read with its two ways to hash, and service accounts are left out', async () => {
    const { code, found, said } = await importDocument(
      {
        realm: 'shop',
        roles: { realm: [{ name: 'users' }] },
        users: [
          {
            id: 'k1',
            username: 'k1@example.org',
            email: 'K1@example.org',
            emailVerified: true,
            enabled: true,
            createdTimestamp: 1_600_000_000_123,
            firstName: 'Kay',
            lastName: 'One',
            credentials: [pbkdf2, { type: 'otp' }, { type: 'webauthn' }],
            requiredActions: ['UPDATE_PASSWORD', 'CONFIGURE_TOTP'],
            realmRoles: ['default-roles-shop'],
            attributes: { department: ['a'] },
            groups: [],
          },
          { id: 'k2', username: 'k2', enabled: false, credentials: [argon2] },
          { id: 'k3', username: 'service-account-x', serviceAccountClientId: 'x' },
        ],
      },
      '--from',
      'keycloak',
    )
    expect(said).toEqual([])
    expect({ code, found }).toMatchObject({
      code: 0,
      found: {
        read: 3,
        created: 2,
        passwords: { argon2id: 1, 'pbkdf2-sha512': 1 },
        notImported: {
          attributes: 1,
          passkeys: 1,
          realmRoles: 1,
          'required action CONFIGURE_TOTP': 1,
          'second factors (TOTP)': 1,
          'service accounts': 1,
        },
      },
    })
    expect(await show('k1@example.org')).toMatchObject({
      id: 'k1',
      createdAt: 1_600_000_000,
      profile: { name: 'Kay One', given_name: 'Kay', family_name: 'One' },
      names: [{ verifiedAt: expect.any(Number) }],
      passwordMustChange: true,
    })
    expect(await show('k2')).toMatchObject({ status: 'disabled' })
  })

  it('names a password of an unknown algorithm, and one without its parts', async () => {
    const credentialData = JSON.stringify({ hashIterations: 1, algorithm: 'sha512' })
    const { said } = await importDocument(
      {
        users: [
          { id: 'k4', username: 'k4', credentials: [{ ...pbkdf2, credentialData }] },
          { id: 'k5', username: 'k5', credentials: [{ type: 'password', value: 'x' }] },
        ],
      },
      '--from',
      'keycloak',
    )
    expect(said).toEqual([
      'line 3, password.hash: The hash has a form that is not supported: use bcrypt, argon2, scrypt or PBKDF2.',
      expect.stringMatching(/^line \d+, credentials: The password has no secretData/u),
    ])
  })
})

describe('an export of Firebase', () => {
  const config = join(folder, 'hash-config.txt')
  const users = [
    {
      localId: 'f1',
      email: 'f1@example.org',
      emailVerified: true,
      passwordHash:
        'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
      salt: '42xEC+ixf3L2lw==',
      displayName: 'Fay',
      createdAt: '1600000000123',
      disabled: false,
      providerUserInfo: [{ providerId: 'password' }, { providerId: 'google.com' }],
      customAttributes: '{"admin":true}',
      mfaInfo: [{ mfaEnrollmentId: 'x' }],
    },
    { localId: 'f2', phoneNumber: '+4930123456', providerUserInfo: [] },
  ]
  const firebase = (...more: readonly string[]) =>
    importDocument({ users }, '--from', 'firebase', ...more)

  it('needs the parameters of the project', async () => {
    const { said } = await firebase('--dry-run')
    expect(said[0]).toBe(
      'line 3, passwordHash: The hash needs the parameters of the project: give their file with --hash-config.',
    )
  })

  it('is read with them', async () => {
    writeFileSync(
      config,
      `hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}
`,
    )
    const { code, found, said } = await firebase('--hash-config', config)
    expect({ code, found, said }).toMatchObject({
      code: 1,
      found: {
        read: 2,
        created: 1,
        refused: 1,
        passwords: { 'firebase-scrypt': 1 },
        notImported: { customAttributes: 1, 'second factors': 1, 'sign-in with google.com': 1 },
      },
      said: [
        expect.stringContaining(
          'The user has neither a user name nor a mail address, so nobody can sign in.',
        ),
      ],
    })
    expect(await show('f1@example.org')).toMatchObject({
      id: 'f1',
      createdAt: 1_600_000_000,
      profile: { name: 'Fay' },
    })
  })

  it('names a hash that Firebase hid, and parameters that are not whole', async () => {
    const hidden = { localId: 'f3', email: 'f3@example.org', passwordHash: 'UkVEQUNURUQ=' }
    const { said } = await importDocument({ users: [hidden] }, '--from', 'firebase')
    expect(said.join()).toContain('Firebase hid the hash: export with a role that may read hashes.')
    writeFileSync(config, 'algorithm: SCRYPT')
    expect((await firebase('--hash-config', config)).said.join()).toContain('is not complete')
  })
})

describe('rows of Supabase', () => {
  it('are read, and deleted, anonymous and banned users are not let in', async () => {
    const row = { aud: 'authenticated', role: 'authenticated', is_anonymous: false }
    const { code, found, said } = await importLines(
      [
        {
          ...row,
          id: '6c84fb90-12c4-11e1-840d-7b25c5ee775a',
          email: 's1@example.org',
          encrypted_password: bcrypt,
          email_confirmed_at: '2024-01-02T03:04:05.678+00:00',
          created_at: '2024-01-02T03:04:05.678+00:00',
          raw_user_meta_data: { full_name: 'Sue', team: 'a', email_verified: true },
          raw_app_meta_data: { provider: 'email', providers: ['email', 'github'] },
        },
        { ...row, id: 's2', email: 's2@example.org', banned_until: '2999-01-01T00:00:00+00:00' },
        { ...row, id: 's3', email: 's3@example.org', banned_until: '2001-01-01T00:00:00+00:00' },
        { ...row, id: 's4', email: 's4@example.org', deleted_at: '2024-01-01T00:00:00+00:00' },
        { ...row, id: 's5', is_anonymous: true },
      ],
      '--from',
      'supabase',
    )
    expect(said).toEqual([])
    expect({ code, found }).toMatchObject({
      code: 0,
      found: {
        read: 5,
        created: 3,
        passwords: { bcrypt: 1, none: 2 },
        notImported: {
          'anonymous users': 1,
          'deleted users': 1,
          'raw_user_meta_data.team': 1,
          'sign-in with github': 1,
        },
      },
    })
    expect(await show('s1@example.org')).toMatchObject({
      id: '6c84fb90-12c4-11e1-840d-7b25c5ee775a',
      profile: { name: 'Sue' },
      names: [{ verifiedAt: expect.any(Number) }],
    })
    expect(await show('s2@example.org')).toMatchObject({
      status: 'disabled',
      names: [{ verifiedAt: null }],
    })
    expect(await show('s3@example.org')).toMatchObject({ status: 'active' })
  })
})
