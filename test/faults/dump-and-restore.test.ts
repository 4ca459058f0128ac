import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { createGuard } from '@countersign/guard'
import { expect, onTestFinished, test, vi } from 'vitest'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { freePort } from '../free-port.ts'
import { createDatabase } from '../postgres/shared.ts'
import { ask } from '../postgres/standby.ts'
import { askGuard, manyTokens } from './drill.ts'
import { startNode } from './start-node.ts'

const run = promisify(execFile)

/** The folder of a `pg_dump` and `pg_restore` that are not older than the server; `undefined` where there is none. */
async function findTools(serverUrl: string): Promise<string | undefined> {
  const [row] = await ask(
    serverUrl,
    `select current_setting('server_version_num')::int / 10000 as major`,
  )
  const debian = `/usr/lib/postgresql/${String(row?.['major'])}/bin`
  for (const folder of [debian, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const tools = ['pg_dump', 'pg_restore'].map((name) => join(folder, name))
    if (!tools.every((tool) => existsSync(tool))) continue
    const { stdout } = await run(join(folder, 'pg_dump'), ['--version'])
    const major = Number.parseInt(stdout.slice(stdout.lastIndexOf(' ') + 1), 10)
    if (major >= Number(row?.['major'])) return folder
  }
  return undefined
}

test('dump and restore: what was issued before is refused everywhere, what is issued after is admitted', async () => {
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  const tools = await findTools(database.url)
  if (tools === undefined) {
    process.stdout.write(
      'note: no pg_dump as new as this Postgres server is here; the restore was not tried\n',
    )
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'countersign-dump-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'dump')
  const port = await freePort()
  const before = await startNode(database.url, { port })
  const guard = createGuard({ issuer: before.origin, audience: `${before.origin}/protected` })
  onTestFinished(() => guard.close())
  await guard.ready()
  const tokens = await manyTokens(before, 3)
  const [first, forgotten, untouched] = tokens
  if (first === undefined || forgotten === undefined || untouched === undefined)
    throw new Error('no tokens')
  expect((await before.revoke(first.access_token)).status).toBe(200)
  await run(join(tools, 'pg_dump'), ['--format=custom', `--file=${file}`, database.url])
  expect((await before.revoke(forgotten.access_token)).status).toBe(200)
  await vi.waitFor(async () => expect(await askGuard(guard, forgotten)).toBe('refused'), 2000)
  await before.stop()

  await database.sql('drop schema public cascade')
  await database.sql('create schema public')
  await run(join(tools, 'pg_restore'), ['--no-owner', `--dbname=${database.url}`, file])
  const { now, randomId } = processSystem()
  const store = await openStore(database.url, { now, randomId })
  const audit = { requestId: 'drill', address: null, actor: 'operator' }
  await store.revocations.recover(randomId(), { disableClients: false }, audit)
  await store.close()

  const after = await startNode(database.url, { port })
  onTestFinished(() => after.stop())
  for (const token of tokens) expect(await after.ask(token)).toBe(400)
  const fresh = createGuard({ issuer: after.origin, audience: `${after.origin}/protected` })
  onTestFinished(() => fresh.close())
  await fresh.ready()
  for (const token of tokens) expect(await askGuard(fresh, token)).toBe('refused')
  expect((await after.refresh(untouched)).status).toBe(400)
  // The guard that ran on pauses for 15 s at most before it asks again.
  await vi.waitFor(async () => expect(await askGuard(guard, untouched)).toBe('refused'), {
    timeout: 25_000,
    interval: 50,
  })
  expect(await askGuard(guard, forgotten)).toBe('refused')
  const [next] = await manyTokens(after, 1)
  if (next === undefined) throw new Error('no token')
  await vi.waitFor(
    async () => {
      expect(await after.ask(next)).toBe(200)
      expect(await askGuard(guard, next)).toBe('admitted')
      expect(await askGuard(fresh, next)).toBe('admitted')
    },
    { timeout: 15_000, interval: 50 },
  )
}, 90_000)
