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

/** Runs a command with `--json`; gives its exit code and the last value that it printed. */
async function runJson(...argv: readonly string[]): Promise<{ code: number; printed: unknown }> {
  const written: string[] = []
  const keep = (text: unknown) => written.push(String(text)) > 0
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(keep),
  )
  const code = await run([...argv, '--json', '--data-dir', folder], {})
  for (const spy of spies) spy.mockRestore()
  return { code, printed: JSON.parse(written.at(-1) ?? 'null') }
}

const api = 'https://api.test'

it('settings of records are shown, changed and kept', async () => {
  await runJson('resources', 'add', api, '--scope', 'read write')
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
