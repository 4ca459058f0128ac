import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../packages/server/src/cli/main.ts'
import { aFolder } from './dev.ts'

const program = join(import.meta.dirname, '../../packages/server/bin/countersign.js')
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
  readonly said: string
}

/** Runs one command with `--json`. */
async function type(...argv: readonly string[]): Promise<Answer> {
  let printed = ''
  let said = ''
  const streams = {
    stdout: { write: (text: string) => (printed += text) },
    stderr: { write: (text: string) => (said += text) },
  }
  const code = await main([...argv, '--json'], environment, streams)
  return { code, found: printed === '' ? {} : JSON.parse(printed), said }
}

/** The sentence with which a command refuses. */
async function refused(...argv: readonly string[]): Promise<string> {
  const { code, said } = await type(...argv)
  expect(code).not.toBe(0)
  return String(JSON.parse(said).message)
}

beforeAll(async () => {
  await type('resources', 'add', api, '--scope', 'read write', '--new')
})

describe('countersign users', () => {
  it('adds a user with a password that is shown once', async () => {
    const words = ['Ann', '--name', 'Ann.Lee@Example.org', '--verified']
    const access = ['--resource', api, '--scope', 'read', '--roles', 'editor']
    const { code, found } = await type('users', 'add', ...words, ...access)
    expect(code).toBe(0)
    expect(found).toMatchObject({
      password: expect.stringMatching(/^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/u),
      user: {
        status: 'active',
        version: 1,
        names: [
          { name: 'Ann', kind: 'username', verifiedAt: null },
          {
            name: 'Ann.Lee@example.org',
            kind: 'address',
            verifiedAt: expect.any(Number),
          },
        ],
      },
    })
    const shown = await type('users', 'show', 'ANN.LEE@example.org')
    expect(shown.found).toMatchObject({
      names: [{ name: 'Ann' }, { name: 'Ann.Lee@example.org' }],
      access: [{ audience: api, scopes: ['read'], roles: ['editor'] }],
      passwordSetAt: expect.any(Number),
    })
    expect(JSON.stringify(shown.found)).not.toContain(String(found['password']))
  })

  it('keeps no plain password in the database', async () => {
    const { found } = await type('users', 'add', 'quiet')
    const database = new DatabaseSync(file)
    const rows = ['passwords', 'users', 'user_names', 'audit'].map((table) =>
      database.prepare(`select * from ${table}`).all(),
    )
    database.close()
    const text = JSON.stringify(rows)
    expect(text).not.toContain(String(found['password']))
    expect(text).toContain('$argon2id$v=19$m=19456,t=2,p=1$')
  })

  it.each([
    [['ann'], 'ann is the name of another user.'],
    [['new', '--name', 'ann.lee@EXAMPLE.org'], 'ann.lee@example.org is the name of another user.'],
    [['new', '--name', 'NEW'], 'new is named twice.'],
    [['a b'], 'A name may not hold U+0020 at place 2.'],
    [['ann@@example.org'], 'the at sign of this one is wrong'],
    [['new', '--resource', 'https://none.test'], 'There is no resource https://none.test'],
    [['new', '--resource', api, '--scope', 'admin'], 'has no scope admin'],
    [['new', '--resource', api, '--roles', 'ein\u00FC'], 'Roles are words'],
    [['new', '--resource', api, '--roles', 'x'.repeat(129)], '128 letters each at most'],
  ])('users add %j is refused', async (words, sentence) => {
    expect(await refused('users', 'add', ...words)).toContain(sentence)
  })

  it('makes a password that must change', async () => {
    const must = async (name: string) => (await type('users', 'show', name)).found
    const { found } = await type('users', 'add', 'new-here', '--must-change')
    expect(found['password']).toEqual(expect.any(String))
    expect(await must('new-here')).toMatchObject({ passwordMustChange: true })
    await type('users', 'password', 'new-here')
    expect(await must('new-here')).toMatchObject({ passwordMustChange: false })
    await type('users', 'password', 'new-here', '--must-change')
    expect(await must('new-here')).toMatchObject({ passwordMustChange: true })
  })

  it('keeps the id of a user from clients', async () => {
    const { found } = await type('users', 'show', 'ann')
    const id = String(found['id'])
    expect(await refused('clients', 'add', id)).toBe(`${id} is the id of a user: choose another.`)
  })

  it('keeps a resource that users have access to, and says how many', async () => {
    const other = 'https://other.test'
    await type('resources', 'add', other, '--scope', 'read')
    for (const name of ['first', 'second'])
      await type('users', 'add', name, '--resource', other, '--roles', 'reader')
    const remove = ['resources', 'remove', other]
    expect(await refused(...remove)).toContain(`${other} is in use by 2 users`)
    const none = ['--resource', other, '--roles', '', '--scope', '']
    await type('users', 'roles', 'first', ...none)
    expect(await refused(...remove)).toContain(`${other} is in use by 1 user:`)
    await type('users', 'roles', 'second', ...none)
    expect((await type(...remove)).code).toBe(0)
  })

  it('changes roles and scopes, and keeps the part that is not named', async () => {
    const roles = ['users', 'roles', 'ann', '--resource', api]
    expect(await type(...roles, '--roles', 'editor admin')).toMatchObject({
      found: { access: { scopes: ['read'], roles: ['editor', 'admin'] } },
    })
    expect(await type(...roles, '--scope', 'read write')).toMatchObject({
      found: { access: { scopes: ['read', 'write'], roles: ['editor', 'admin'] } },
    })
    expect((await type('users', 'show', 'ann')).found).toMatchObject({ version: 3 })
    await type(...roles, '--roles', '', '--scope', '')
    expect((await type('users', 'show', 'ann')).found).toMatchObject({ version: 4, access: [] })
  })

  it('changes the profile claim by claim', async () => {
    const profile = ['users', 'profile', 'ann']
    await type(...profile, '--set', 'name=Ann = Lee', '--set', 'address.country=DE')
    const next = await type(...profile, '--set', 'address.locality=Berlin', '--drop', 'name')
    expect(next.found['profile']).toEqual({ address: { country: 'DE', locality: 'Berlin' } })
    const last = await type(...profile, '--drop', 'address')
    expect(last.found['profile']).toEqual({})
    expect(await refused(...profile, '--set', 'email_verified=true')).toContain('no claim')
    expect(await refused(...profile, '--set', 'locale=')).toContain('language')
  })

  it('adds and drops names', async () => {
    const names = ['users', 'names', 'ann']
    expect((await type(...names, '--add', 'ann@example.net')).code).toBe(0)
    expect((await type(...names, '--drop', 'ANN@example.net')).code).toBe(0)
    expect(await refused(...names, '--add', 'ann@example.net')).toContain('it is free from')
    expect(await refused(...names, '--drop', 'ann@example.net')).toContain('no such name')
    expect(await refused('users', 'names', 'quiet', '--drop', 'quiet')).toContain('only name')
    expect(await refused(...names)).toContain('--add or --drop')
  })

  it('disables and enables', async () => {
    expect((await type('users', 'disable', 'quiet')).found).toMatchObject({ outcome: 'disabled' })
    expect(await refused('users', 'disable', 'quiet')).toBe('The user is already disabled.')
    expect((await type('users', 'enable', 'quiet')).found).toMatchObject({ outcome: 'enabled' })
    expect(await refused('users', 'enable', 'nobody')).toBe(
      'There is no user nobody: see "countersign users list".',
    )
  })

  it('revokes the tokens of a user by the id alone', async () => {
    const { found } = await type('users', 'show', 'quiet')
    expect((await type('revoke', 'user', String(found['id']))).code).toBe(0)
    expect((await type('users', 'show', 'quiet')).found['version']).toBe(
      Number(found['version']) + 1,
    )
    expect(await refused('revoke', 'user', 'of-another-issuer')).toContain('--below')
  })

  it('erases only what was confirmed', async () => {
    await type('users', 'add', 'gone')
    expect(await refused('users', 'erase', 'gone')).toContain('Nothing was erased')
    expect((await type('users', 'erase', 'gone', '--yes')).found).toMatchObject({
      outcome: 'erased',
    })
    expect(await refused('users', 'show', 'gone')).toBe(
      'There is no user gone: see "countersign users list".',
    )
  })

  it('lists users in pages', async () => {
    const { found: all } = await type('users', 'list')
    const ids = Object.values(all).map((one) => (one as { id: string }).id)
    expect(ids).toEqual(ids.toSorted())
    expect(ids.length).toBeGreaterThan(1)
    const { found: page } = await type('users', 'list', '--limit', '1', '--after', ids[0] ?? '')
    expect(Object.values(page)).toMatchObject([{ id: ids[1] }])
  })
})

describe('a password on standard input', () => {
  const list = join(folder, 'refused.txt')
  writeFileSync(list, 'the list of the operator\n')
  function typed(input: string | Uint8Array, more: Readonly<Record<string, string>> = {}) {
    const words = ['users', 'password', 'ann', '--password-stdin', '--json']
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=countersign-source', program, ...words],
      { cwd: folder, env: { ...environment, ...more }, input, encoding: 'utf8' },
    )
    return { code: status, output: stdout + stderr }
  }

  it.each([
    {
      name: 'with a line break',
      input: 'four ordinary words here\n',
      code: 0,
      says: '"password":null',
    },
    { name: 'short', input: 'short', code: 1, says: 'choose one with 15 or more' },
    { name: 'common', input: 'passwordpassword', code: 1, says: 'repeats' },
    { name: 'of the own name', input: 'ann-lee-password', code: 1, says: 'your own name' },
    {
      name: 'of the service',
      input: 'northwind-dragon-9',
      code: 1,
      says: 'the name of this service',
    },
    { name: 'nothing', input: '', code: 1, says: 'empty' },
    { name: 'no UTF-8', input: Uint8Array.of(0xff, 0xfe), code: 1, says: 'not UTF-8' },
    { name: 'with NUL', input: 'four ordinary\u0000 words', code: 1, says: 'no keyboard' },
    { name: 'too much', input: 'x'.repeat(9_000), code: 1, says: 'more than a password' },
  ])('$name', ({ input, code, says }) => {
    const ended = typed(input)
    expect([ended.code, ended.output]).toEqual([code, expect.stringContaining(says)])
    // The empty input stands in every text, and a short one in the sentence that refuses it.
    const secret = input.length > 8 ? String(input).trim() : 'four ordinary words'
    expect(ended.output).not.toContain(secret)
  })

  it('of the list of the operator', () => {
    const ended = typed('The List of the Operator', { COUNTERSIGN_PASSWORD_BLOCKLIST: list })
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('does not accept')])
  })

  it('may be shorter only where the operator says so', () => {
    const ended = typed('kX9#pQ2m', { COUNTERSIGN_PASSWORD_LENGTH_MIN_UNSAFE: '8' })
    expect(ended.code).toBe(0)
  })
})
