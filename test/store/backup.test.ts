import { copyFileSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backupFile, restoreFile } from '../../packages/server/src/store/backup.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { isStoreFault } from '../../packages/server/src/store/port/fault.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, aFamily, aKey, after, context } from './records.ts'

const deps = { now: () => after(50), randomId }
let folder: string
let file: string
let copy: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-backup-'))
  file = join(folder, 'data', 'countersign.db')
  copy = join(folder, 'backups', 'monday.db')
  await mkdir(join(folder, 'backups'))
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
  expect(await restoreFile(copy, place, deps, context)).toMatchObject({
    lastEventAt: expect.any(Number),
  })
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

test('a file that is no backup does not replace a database', async () => {
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

test('two restores at once into one place: one completes, the other is refused', async () => {
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  const outcomes = await Promise.all([
    restoreFile(copy, place, deps, context),
    restoreFile(copy, place, deps, context),
  ])
  expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(1)
  expect(await readdir(join(folder, 'elsewhere'))).toEqual(['countersign.db'])
  const restored = await openStore(place, deps)
  expect(await restored.refreshTokens.find(aFamily.sid)).toBeUndefined()
  expect(await restored.revocations.page(0, 10)).toHaveLength(1)
  await restored.close()
})

test('a database that appears while a restore runs is not written over', async () => {
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  // Asked for when the copy is there and its new epoch begins.
  const randomId = () => {
    copyFileSync(copy, place)
    return 'an-epoch'
  }
  expect(await restoreFile(copy, place, { ...deps, randomId }, context)).toBe('exists')
  expect(await readFile(place)).toEqual(await readFile(copy))
  expect(await readdir(join(folder, 'elsewhere'))).toEqual(['countersign.db'])
})

// SQLite would replay such a log over any database next to it.
test.each(['-wal', '-journal'])(
  'no restore next to a log that a killed service left, %s',
  async (end) => {
    await backupFile(file, copy, deps)
    const place = join(folder, 'elsewhere', 'countersign.db')
    await mkdir(join(folder, 'elsewhere'))
    await copyFile(`${file}-wal`, place + end)
    expect(await restoreFile(copy, place, deps, context)).toBe('exists')
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([`countersign.db${end}`])
  },
)

test('a restore whose new epoch did not reach the file is none', async () => {
  await backupFile(file, copy, deps)
  const elsewhere = join(folder, 'elsewhere')
  let other: DatabaseSync | undefined
  // Another connection to the copy keeps the changes in the log next to it.
  const randomId = () => {
    other ??= openFirst(elsewhere)
    return 'an-epoch'
  }
  const place = join(elsewhere, 'countersign.db')
  await expect(restoreFile(copy, place, { ...deps, randomId }, context)).rejects.toSatisfy(
    (fault) => isStoreFault(fault) && fault.kind === 'unavailable',
  )
  other?.close()
  expect(await readdir(elsewhere)).toEqual([])
})

function openFirst(folder: string): DatabaseSync {
  const [name = ''] = readdirSync(folder)
  const database = new DatabaseSync(join(folder, name, 'countersign.db'))
  database.prepare('select count(*) from families').get()
  return database
}

test('of two backups under one name one is written and the other finds it there', async () => {
  const outcomes = await Promise.all([backupFile(file, copy, deps), backupFile(file, copy, deps)])
  expect(outcomes.toSorted()).toEqual(['exists', 'written'])
})

test('a backup that fails, or is cut off, leaves nothing under its name', async () => {
  // The reader is given no database at all.
  await writeFile(join(folder, 'text'), 'this is no database, whatever anybody says about it')
  await expect(backupFile(join(folder, 'text'), copy, deps)).rejects.toSatisfy(isStoreFault)
  expect(await readdir(folder).then((names) => names.includes('backups'))).toBe(true)
  expect(await readdir(join(folder, 'backups'))).toEqual([])
  expect(await backupFile(file, copy, deps)).toBe('written')
})

test('a restore burns the keys that sign and encrypt, and keeps the secrets of the server', async () => {
  for (const purpose of ['token', 'feed', 'server'] as const) {
    await store.keys.announce({ ...aKey, kid: purpose, purpose, state: 'active' }, context)
  }
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  expect(await restoreFile(copy, place, deps, context)).toMatchObject({ keysBurnt: 2 })
  const restored = await openStore(place, deps)
  expect((await restored.keys.list()).map(({ kid }) => kid)).toEqual(['server'])
  const entries = await restored.revocations.page(0, 10)
  expect(entries.map(({ target }) => ('kid' in target ? target.kid : target.kind))).toEqual([
    'issuer',
    'feed',
    'token',
  ])
  await restored.close()
})

test('a revocation of a restore lasts for the longest token that the service allows', async () => {
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  await restoreFile(copy, place, deps, context)
  const restored = await openStore(place, deps)
  const [issuer] = await restored.revocations.page(0, 1)
  expect(issuer?.until).toBe(deps.now() + 86_400 + 60)
  await restored.close()
})

test('a restore names the moment of the last event that the backup knows', async () => {
  await store.audit.append([{ event: 'client_enabled', clientId: 'shop', ...context }])
  const rows = await store.audit.list(0, 1_000)
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  expect(await restoreFile(copy, place, deps, context)).toMatchObject({
    lastEventAt: rows.at(-1)?.at,
    clientsDisabled: 0,
  })
})

test('a restore disables all clients when it is asked to, and raises their versions', async () => {
  await store.clients.add({ ...aClient, id: 'second', internalId: 'second' }, context)
  await backupFile(file, copy, deps)
  const place = join(folder, 'elsewhere', 'countersign.db')
  const options = { disableClients: true }
  const recovery = await restoreFile(copy, place, deps, context, options)
  const restored = await openStore(place, deps)
  const clients = await restored.clients.list(null, 10)
  expect(clients.map(({ enabled }) => enabled)).toEqual(clients.map(() => false))
  expect(clients.find(({ id }) => id === 'second')?.version).toBe(aClient.version + 1)
  expect(recovery).toMatchObject({ clientsDisabled: clients.length })
  await restored.close()
})
