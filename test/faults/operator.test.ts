import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { withOperator } from '../../packages/server/src/cli/open.ts'
import { createOutput } from '../../packages/server/src/cli/output.ts'
import { migrateStore } from '../../packages/server/src/store/open-store.ts'
import { createDatabase, openSession } from '../postgres/shared.ts'
import { runToEnd } from '../scenarios/dev.ts'
import { randomId, startOfTime } from '../store/ids.ts'
import { aClient } from '../store/records.ts'
import { startProxy } from './proxy.ts'

test('a command on a busy Postgres may take longer than a request', async () => {
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  await migrateStore(database.url, { now: () => startOfTime, randomId }, { dryRun: false })
  const environment = {
    DATABASE_URL: database.url,
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  }
  const output = createOutput(process, false, {})
  await withOperator({ flags: {}, environment, output }, async ({ store, audit }) => {
    await store.clients.add(aClient, audit)
    const { sql, release } = await openSession(database.url)
    await sql(`begin; select * from clients where id = '${aClient.id}' for update`)
    const disabling = store.clients.disable(aClient.id, audit)
    // Longer than any request would wait.
    await pause(2500)
    await release()
    expect(await disabling).toBe('disabled')
  })
})

test('a command whose answer was lost says that it may have been done', async () => {
  const database = await createDatabase()
  onTestFinished(() => database.drop())
  await migrateStore(database.url, { now: () => startOfTime, randomId }, { dryRun: false })
  const proxy = await startProxy(database.url)
  onTestFinished(() => proxy.close())
  const key = randomBytes(32).toString('base64url')
  const env = { DATABASE_URL: proxy.url, COUNTERSIGN_KEY_ENCRYPTION_KEY: key }
  const add = () => runToEnd({ args: ['resources', 'add', 'https://api.example'], env })
  proxy.cutOnce('after_commit', 'insert into resources')
  expect(await add()).toEqual({ code: 1, output: expect.stringContaining('may have been done') })
  expect((await add()).output).toContain('already')
})
