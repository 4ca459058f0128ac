import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSealingKey } from '../../packages/server/src/config/sealing-key.ts'
import { typeLine, type TypedLine } from './type-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign-silence-'))
const data = join(folder, 'data')
const environment = {
  COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  COUNTERSIGN_DATA_DIR: data,
}
const type = (argv: readonly string[], more: TypedLine = {}) =>
  typeLine(argv, { environment, ...more })
const api = 'https://api.test'
const other = 'https://other.test'

beforeAll(async () => {
  await type(['resources', 'add', api, '--scope', 'read write', '--new'])
  await type(['resources', 'add', other, '--scope', 'read'])
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a new database needs --new', () => {
  const elsewhere = { ...environment, COUNTERSIGN_DATA_DIR: join(folder, 'mistyped') }
  const serving = { ...elsewhere, COUNTERSIGN_ISSUER: 'https://id.test' }
  it.each([
    ['clients add', ['clients', 'add', 'shop']],
    ['resources add', ['resources', 'add', api]],
    ['migrate', ['migrate']],
    ['migrate --dry-run, which makes nothing', ['migrate', '--dry-run', '--new']],
    ['serve', ['serve']],
    ['clients list, which never makes one', ['clients', 'list']],
  ])('%s', async (_, argv) => {
    const { code, stdout, stderr } = await type(argv, { environment: serving })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('There is no database')
    expect(existsSync(elsewhere.COUNTERSIGN_DATA_DIR)).toBe(false)
  })

  it('and says which database it makes', async () => {
    const place = { ...environment, COUNTERSIGN_DATA_DIR: join(folder, 'second') }
    const { code, stderr } = await type(['clients', 'add', 'shop', '--new'], { environment: place })
    expect([code, stderr]).toEqual([0, expect.stringContaining(join(folder, 'second'))])
    const again = await type(['clients', 'add', 'mart', '--new'], { environment: place })
    expect([again.code, again.stderr]).toEqual([0, ''])
  })
})

it('a repeated --resource adds', async () => {
  const argv = ['clients', 'add', 'both', '--resource', api, '--resource', other, '--json']
  const { stdout } = await type(argv)
  const { client } = JSON.parse(stdout) as { client: { access: { audience: string }[] } }
  expect(client.access.map(({ audience }) => audience)).toEqual([api, other])
})

it.each([
  [
    'one --scope for two resources',
    ['clients', 'add', 'x', '--resource', api, '--resource', other, '--scope', 'read'],
    '--access',
  ],
  [
    'a comma in a scope',
    ['resources', 'add', 'https://a.test', '--scope', 'read,write'],
    'put spaces',
  ],
  [
    'a scope with a comma at a client',
    ['clients', 'add', 'x', '--access', `${api}=read,write`],
    'no scope read,write. Its scopes: read write. Put spaces between scopes',
  ],
  [
    'a misspelt scope at a client',
    ['clients', 'add', 'x', '--resource', api, '--scope', 'red'],
    'no scope red. Its scopes: read write.',
  ],
  [
    'a scope of a client without a resource',
    ['clients', 'add', 'x', '--scope', 'read'],
    '--resource',
  ],
  [
    'a misspelt scope of a user',
    ['users', 'add', 'bob', '--resource', api, '--scope', 'red'],
    'no scope red. Its scopes: read write.',
  ],
  [
    'a scope of a user without a resource',
    ['users', 'add', 'bob', '--scope', 'read'],
    '--resource',
  ],
  [
    'a role of a user without a resource',
    ['users', 'add', 'bob', '--roles', 'editor'],
    '--resource',
  ],
  [
    'a comma in a role of a user',
    ['users', 'add', 'bob', '--resource', api, '--roles', 'editor,admin'],
    'space between',
  ],
  [
    'a claim of a profile without its value',
    ['users', 'profile', 'bob', '--set', 'name'],
    '--set name=<value>',
  ],
  [
    'a resource that is missing',
    ['clients', 'add', 'x', '--resource', 'https://c.test'],
    'resources list',
  ],
  [
    'an audience that is no address',
    ['resources', 'add', 'orders'],
    'such as https://api.example.com',
  ],
  ['a colon in a client id', ['clients', 'add', 'shop:eu'], '":"'],
  ['an option twice', ['clients', 'add', 'x', '--auth', 'none', '--auth', 'none'], 'twice'],
  [
    'a shared secret',
    ['resources', 'add', 'https://a.test', '--alg', 'HS256'],
    'cannot be "HS256"',
  ],
  [
    'a backup into a missing folder',
    ['backup', join(folder, 'none', 'b.db')],
    'There is no folder',
  ],
  ['a token that is none', ['revoke', 'token'], 'standard input'],
  ['a client that does not exist', ['clients', 'show', 'shp'], 'countersign clients list'],
  ['a resource that does not exist', ['resources', 'show', 'https://c.test'], 'resources list'],
  ['a name instead of the id of a user', ['revoke', 'user', 'ann'], 'countersign users list'],
  ['claims without a version', ['revoke', 'claims', 'ann'], 'State --below'],
])('%s is refused', async (_, argv, says) => {
  const { code, stderr } = await type(argv)
  expect(code).toBeGreaterThan(0)
  expect(stderr).toContain(says)
  expect(existsSync(join(folder, 'none'))).toBe(false)
})

describe('revoke issuer', () => {
  it.each([
    ['without a terminal and without --yes', {}, [], 1, 'State --yes'],
    ['when the answer is no', { isTerminal: true, stdin: 'no\n' }, [], 1, 'Nothing was revoked.'],
    ['when the answer is yes', { isTerminal: true, stdin: 'yes\n' }, [], 0, 'Type yes'],
    ['with --yes', {}, ['--yes'], 0, ''],
  ])('%s', async (_, more, flags, code, says) => {
    const before = await headOf()
    const done = await type(['revoke', 'issuer', ...flags], more)
    expect([done.code, done.stderr]).toEqual([code, expect.stringContaining(says)])
    expect((await headOf()) === before).toBe(code === 1)
  })

  /** The last event of the audit log. */
  async function headOf(): Promise<string> {
    return (await type(['audit', 'tail', '--limit', '1', '--json'])).stdout
  }
})

describe('keys new-kek', () => {
  const file = join(folder, 'kek')
  it('writes a key that is readable by its owner only', async () => {
    expect((await type(['keys', 'new-kek', file])).code).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readSealingKey(readFileSync(file, 'utf8'))).toHaveLength(32)
  })

  it('overwrites nothing', async () => {
    const taken = join(folder, 'taken')
    writeFileSync(taken, 'a key in use')
    const { code, stderr } = await type(['keys', 'new-kek', taken])
    expect([code, stderr]).toEqual([1, expect.stringContaining('is there already')])
    expect(readFileSync(taken, 'utf8')).toBe('a key in use')
  })
})

describe('clients add', () => {
  it('shows the id, the secret and the line that fetches a token first', async () => {
    const { stdout } = await type(['clients', 'add', 'first', '--resource', api])
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('id                 first')
    expect(lines[1]).toMatch(/^secret {13}\S{40,}$/u)
    expect(lines[2]).toContain('shown once')
    const curl = `curl -u first http://localhost:8000/oauth2/token -d grant_type=client_credentials --data-urlencode resource=${api}`
    expect(lines[5]?.trim()).toBe(curl)
  })

  it('prints the secret and nothing else for scripts', async () => {
    const { stdout } = await type(['clients', 'add', 'scripted', '--secret-only'])
    expect(stdout).toMatch(/^\S{40,}\n$/u)
  })
})
