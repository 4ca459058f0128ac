import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFolder, runToEnd, startDev, type Run } from './dev.ts'
import { grantType, newRows } from './new-rows.ts'

const root = resolve(import.meta.dirname, '..', '..')
const service = join('packages', 'server')

/** Copies the service. Its copy uses the installed packages of the workspace. */
function copyService(): string {
  const copy = aFolder()
  mkdirSync(join(copy, service), { recursive: true })
  for (const name of ['bin', 'data', 'src', 'package.json'])
    cpSync(join(root, service, name), join(copy, service, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  writeFileSync(join(copy, 'package.json'), '{ "private": true, "type": "module" }')
  cpSync(join(root, 'tsconfig.base.json'), join(copy, 'tsconfig.base.json'))
  const compilerOptions = {
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: ['countersign-source'],
  }
  const include = newRows.flatMap(({ file, table }) => [file, table])
  writeFileSync(
    join(copy, 'tsconfig.json'),
    JSON.stringify({
      extends: './tsconfig.base.json',
      compilerOptions,
      files: include.map((file) => join(service, 'src', file)),
    }),
  )
  return copy
}

/** Writes the file of each row and lists it in its table. */
function addRows(copy: string): void {
  for (const { file, text, table, imported, behind, listed } of newRows) {
    writeFileSync(join(copy, service, 'src', file), text, { flag: 'wx' })
    const at = join(copy, service, 'src', table)
    const before = readFileSync(at, 'utf8')
    expect(before.split(behind)).toHaveLength(2)
    writeFileSync(at, `${imported}\n${before.replace(behind, behind + listed)}`)
  }
}

describe('a grant, an endpoint and an authentication method, each added as one file and one row of a table', () => {
  let run: Run
  let programFile: string
  let issuer: string
  let copy: string

  beforeAll(async () => {
    copy = copyService()
    addRows(copy)
    programFile = join(copy, service, 'bin', 'countersign.js')
    run = await startDev({ programFile })
    issuer = `http://localhost:${run.port}`
    await addProbe('probe')
    await addProbe('careful', '--dpop')
  }, 60_000)
  afterAll(() => run.end())

  async function addProbe(id: string, ...more: readonly string[]): Promise<void> {
    const words = ['--auth', 'mirror', '--grants', grantType, '--resource', `${issuer}/protected`]
    const args = ['clients', 'add', id, ...words, ...more]
    const { folder, port } = run
    const { code, output } = await runToEnd({ programFile, args, folder, port })
    expect([code, output]).toEqual([0, expect.stringContaining(id)])
  }

  async function askToken(id: string, proof: string) {
    const reply = await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      headers: { 'x-mirror': proof },
      body: new URLSearchParams({ grant_type: grantType, client_id: id }),
    })
    const body = (await reply.json()) as Readonly<Record<string, string>>
    return { status: reply.status, body }
  }

  it('has the types of the rest', () => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const checked = spawnSync(tsc, ['-p', copy], { cwd: copy, encoding: 'utf8' })
    expect([checked.status, checked.stdout]).toEqual([0, ''])
  }, 60_000)

  it('is in the metadata', async () => {
    const reply = await fetch(`${issuer}/.well-known/oauth-authorization-server`)
    expect(await reply.json()).toMatchObject({
      clock_endpoint: `${issuer}/clock`,
      grant_types_supported: expect.arrayContaining([grantType]),
      token_endpoint_auth_methods_supported: expect.arrayContaining(['mirror_header']),
      introspection_endpoint_auth_methods_supported: expect.arrayContaining(['mirror_header']),
    })
  })

  it('answers at the new endpoint, also for pages of other origins', async () => {
    const reply = await fetch(`${issuer}/clock`)
    expect(await reply.json()).toEqual({ now: expect.any(Number) })
    expect(reply.headers.get('access-control-allow-origin')).toBe('*')
    expect((await fetch(`${issuer}/clock`, { method: 'OPTIONS' })).status).toBe(204)
    expect((await fetch(`${issuer}/clock`, { method: 'POST' })).status).toBe(405)
  })

  it('gives a token by the new grant to a client that authenticates by the new method', async () => {
    const { status, body } = await askToken('probe', 'eborp')
    expect(status).toBe(200)
    const authorization = `Bearer ${body['access_token']}`
    const reply = await fetch(`${issuer}/protected`, { headers: { authorization } })
    expect(await reply.text()).toBe('Welcome to the protected area, probe!')
  })

  it('refuses a wrong proof of the new method', async () => {
    const { status, body } = await askToken('probe', 'probe')
    expect([status, body['error']]).toEqual([401, 'invalid_client'])
  })

  it('demands a proof of a key at the new grant from a client that must give one', async () => {
    const { status, body } = await askToken('careful', 'luferac')
    expect([status, body['error']]).toEqual([400, 'invalid_dpop_proof'])
  })

  it('offers the new grant to no client that was not given it', async () => {
    const reply = await fetch(`${issuer}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: grantType,
        client_id: 'foo',
        client_secret: 'bar',
      }),
    })
    expect(await reply.json()).toMatchObject({ error: 'unauthorized_client' })
  })
})
