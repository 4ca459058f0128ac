import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { run } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'))

beforeAll(() => {
  writeFileSync(join(folder, 'sealing.key'), randomBytes(32).toString('base64url'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command; gives its exit code and the texts that it wrote. */
async function runText(...argv: readonly string[]): Promise<{ code: number; written: string[] }> {
  const written: string[] = []
  const keep = (text: unknown) => written.push(String(text)) > 0
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(keep),
  )
  const place = argv.includes('--data-dir') ? [] : ['--data-dir', folder]
  const code = await run([...place, ...argv], {})
  for (const spy of spies) spy.mockRestore()
  return { code, written }
}

/** Runs a command with `--json`; gives its exit code and the last value that it printed. */
async function runJson(...argv: readonly string[]): Promise<{ code: number; printed: unknown }> {
  const { code, written } = await runText('--json', ...argv)
  return { code, printed: JSON.parse(written.at(-1) ?? 'null') }
}

const api = 'https://api.test'

it('settings of records are shown, changed and kept', async () => {
  await runJson('resources', 'add', api, '--scope', 'read write', '--new')
  const added = await runJson('clients', 'add', 'shop', '--resource', api)
  expect(added).toMatchObject({
    code: 0,
    printed: { client: { grantTypes: ['client_credentials'], access: [{ audience: api }] } },
  })
  const set = async (...argv: readonly string[]) => (await runJson(...argv)).printed
  expect(await set('clients', 'set', 'shop', '--access', `${api}=read`)).toMatchObject({
    changed: ['access'],
    revokesTokens: true,
    client: { version: 2, access: [{ audience: api, scopes: ['read'] }] },
  })
  expect(await set('clients', 'set', 'shop', '--access', `${api}=`)).toMatchObject({
    client: { access: [{ audience: api, scopes: ['read', 'write'] }] },
  })
  expect(await set('clients', 'set', 'shop', '--grants', 'client,refresh', '--dpop')).toMatchObject(
    { changed: ['grantTypes', 'dpopRequired'] },
  )
  expect(await set('clients', 'set', 'shop')).toMatchObject({ changed: [] })
  expect(await set('clients', 'set', 'shop', '--no-dpop')).toMatchObject({
    changed: ['dpopRequired'],
    revokesTokens: false,
  })
  const managed = ['--client', 'shop', '--encrypt', 'managed']
  expect(await set('resources', 'set', api, '--status-list', ...managed)).toMatchObject({
    changed: ['clientId', 'encryption', 'statusList'],
  })
  expect(await set('resources', 'set', api, '--ttl-seconds', '60')).toMatchObject({
    changed: ['tokenTtlSeconds'],
    resource: { encryption: { source: 'managed' }, statusList: true },
  })
  const plain = ['--encrypt', 'none', '--no-client', '--no-status-list']
  expect(await set('resources', 'set', api, ...plain)).toMatchObject({
    resource: { encryption: null, clientId: null, statusList: false },
  })
})

it.each([
  [['clients', 'set', 'shop', '--dpop', '--no-dpop'], 2, 'exclude each other'],
  [['clients', 'set', 'shop', '--grants', 'password'], 2, 'cannot be'],
  [['resources', 'set', api, '--scope', ''], 1, '(read, write) is in use by shop'],
  [['resources', 'remove', api], 1, 'is in use by shop'],
] as const)('%j ends with %i: %s', async (argv, code, says) => {
  const outcome = await runJson(...argv)
  expect(outcome).toMatchObject({ code, printed: { message: expect.stringContaining(says) } })
})

const aSecret = /^cs_[\w-]{43}$/u

it('a rotated secret is shown once, with the line that drops each former one', async () => {
  await runJson('clients', 'add', 'rotating')
  const { written } = await runText('clients', 'rotate-secret', 'rotating')
  const [first = '', ...rest] = written.join('').split('\n')
  expect(first.replace(/^secret +/u, '')).toMatch(aSecret)
  const text = rest.join('\n')
  expect(text).toMatch(/^id +\S+\n +It is shown once\.\n/u)
  expect(text).toMatch(/\n {2}\S+, \d+ seconds? old\. Drop it with:\n/u)
  const line = rest.find((one) => one.includes('drop-secret'))?.trim() ?? ''
  const [program, ...words] = line.split(' ')
  expect(program).toBe('countersign')
  expect(words).toContain(folder)
  const dropped = await runText(...words)
  expect(dropped.code).toBe(0)
  expect(dropped.written.join('')).toMatch(
    /^The secret \S+ is dropped, and all tokens of rotating are revoked\.\nStill valid:\n {2}\S+, \d+ seconds? old\n$/u,
  )
  const again = await runText(...words)
  expect(again.code).toBe(1)
  expect(again.written.join('')).toMatch(/^rotating has no secret \S+\. Its secrets: \S+, \d+ sec/u)
})

it('for scripts, the secret stands alone', async () => {
  await runJson('clients', 'add', 'scripted')
  const { written } = await runText('clients', 'rotate-secret', 'scripted', '--secret-only')
  expect(written.join('').trimEnd()).toMatch(aSecret)
  expect(written.join('').endsWith('\n')).toBe(true)
  const { printed } = await runJson('clients', 'rotate-secret', 'scripted')
  expect(printed).toMatchObject({
    clientId: 'scripted',
    secret: expect.stringMatching(aSecret),
    secretId: expect.any(String),
    former: [
      { id: expect.any(String), form: 'generated', ageSeconds: expect.any(Number) },
      { id: expect.any(String), form: 'generated', ageSeconds: expect.any(Number) },
    ],
  })
})

it('the last secret can be dropped, and the next step is named', async () => {
  const added = await runJson('clients', 'add', 'empty')
  const { client } = added.printed as { client: { secrets: { id: string }[] } }
  const id = client.secrets[0]?.id ?? ''
  const { code, written } = await runText('clients', 'drop-secret', '--', 'empty', id)
  expect(code).toBe(0)
  expect(written.join('')).toContain('No secret remains, so empty cannot authenticate.')
  expect(written.join('')).toContain('countersign clients rotate-secret empty')
  const none = await runText('clients', 'drop-secret', 'empty', 'x')
  expect(none.written.join('')).toBe('empty has no secret x. Its secrets: none.\n')
})

it('a sixth secret is refused, and the five are named with their age', async () => {
  await runJson('clients', 'add', 'full')
  for (let more = 0; more < 4; more += 1) await runJson('clients', 'rotate-secret', 'full')
  const { code, printed } = await runJson('clients', 'rotate-secret', 'full')
  const { message } = printed as { message: string }
  expect(code).toBe(1)
  expect(message.split(' old')).toHaveLength(6)
})
