import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backupFile, restoreFile } from '../../packages/server/src/store/backup.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { isStoreFault } from '../../packages/server/src/store/port/fault.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, aFamily, after, context } from './records.ts'

const deps = { now: () => after(50), randomId }
let folder: string
let file: string
let copy: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-backup-'))
  file = join(folder, 'data', 'countersign.db')
  copy = join(folder, 'backups', 'monday.db')
  store = await openStore(file, { now: () => startOfTime, randomId })
  await store.clients.add(aClient, context)
  await store.refreshTokens.open(aFamily, {}, context)
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

test('a backup is taken while the service writes, for its owner only, and never over a file', async () => {
  const writing = Array.from({ length: 50 }, (_, n) =>
    store.clients.add({ ...aClient, id: `c${n}`, internalId: `c${n}` }, context),
  )
  expect(await backupFile(file, copy, deps)).toBe('written')
  await Promise.all(writing)
  expect(((await stat(copy)).mode & 0o777).toString(8)).toBe('600')
  expect(await backupFile(file, copy, deps)).toBe('exists')
  const taken = await openStore(copy, deps)
  expect(await taken.clients.find('shop')).toEqual(aClient)
  expect(await taken.refreshTokens.find(aFamily.sid)).toBeDefined()
  await taken.close()
})

test('a restore begins a new epoch, ends the families and revokes what was issued before', async () => {
  const before = await store.revocations.head()
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  expect(await restoreFile(copy, place, deps, context)).toBe('restored')
  expect(await restoreFile(copy, place, deps, context)).toBe('exists')
  const restored = await openStore(place, deps)
  expect((await restored.revocations.head()).epoch).not.toBe(before.epoch)
  expect(await restored.clients.find('shop')).toEqual(aClient)
  expect(await restored.refreshTokens.find(aFamily.sid)).toBeUndefined()
  expect(await restored.revocations.page(0, 10)).toMatchObject([
    { target: { kind: 'issuer', issuedUpTo: after(50) } },
  ])
  await restored.close()
})

test('what is no backup is not put in the place of a database', async () => {
  const place = join(folder, 'elsewhere', 'countersign.db')
  await writeFile(join(folder, 'text'), 'this is no database, whatever anybody says about it')
  const restoring = restoreFile(join(folder, 'text'), place, deps, context)
  await expect(restoring).rejects.toSatisfy(
    (fault) =>
      isStoreFault(fault) &&
      fault.kind === 'broken' &&
      fault.message.includes(join(folder, 'text')),
  )
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([])
})
