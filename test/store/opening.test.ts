import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrateStore, openStore } from '../../packages/server/src/store/open-store.ts'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import type { StoreDeps } from '../../packages/server/src/store/port/deps.ts'
import { isStoreFault, type StoreFaultKind } from '../../packages/server/src/store/port/fault.ts'
import { createDatabase, type Database } from '../postgres/shared.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, context } from './records.ts'

const deps: StoreDeps = { now: () => startOfTime, randomId }

async function faultOf(opening: Promise<unknown>): Promise<{ kind: StoreFaultKind; said: string }> {
  try {
    await opening
  } catch (thrown) {
    if (isStoreFault(thrown)) return { kind: thrown.kind, said: thrown.message }
    throw thrown
  }
  throw new Error('it opened')
}

describe('opening a SQLite file', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-open-'))
    file = join(folder, 'data', 'countersign.db')
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('the folder and its files are for their owner only', async () => {
    const store = await openStore(file, deps)
    await store.clients.add(aClient, context)
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await modeOf(join(folder, 'data'))).toBe('700')
    for (const end of ['', '-wal', '-shm']) expect(await modeOf(file + end)).toBe('600')
    await store.close()
  })

  test('written rows are there after a restart, and the second close is quiet', async () => {
    const store = await openStore(file, deps)
    await store.clients.add(aClient, context)
    const head = await store.revocations.head()
    await store.close()
    await store.close()
    const again = await openStore(file, deps)
    expect(await again.clients.find(aClient.id)).toEqual(aClient)
    expect(await again.revocations.head()).toEqual(head)
    await again.close()
  })

  test('closing commits all that waits, and then nothing more is taken', async () => {
    const store = await openStore(file, deps)
    const waiting = Array.from({ length: 600 }, (_, n) =>
      store.clients.add({ ...aClient, id: `c${n}`, internalId: `c${n}` }, context),
    )
    await store.close()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['added']))
    const late = store.clients.add(aClient, context)
    expect((await faultOf(late)).kind).toBe('unavailable')
  })

  test('a folder that cannot be made is named with the remedy', async () => {
    await writeFile(join(folder, 'data'), 'a file in the way')
    const { kind, said } = await faultOf(openStore(file, deps))
    expect(kind).toBe('unwritable')
    expect(said).toContain(file)
    expect(said).toContain('COUNTERSIGN_DATA_DIR')
  })

  test('a folder in place of the file is named', async () => {
    await mkdir(file, { recursive: true })
    expect((await faultOf(openStore(file, deps))).kind).toBe('unwritable')
  })

  test.each([
    ['text', 'this is no database, whatever its name says'],
    ['a cut header', 'SQLite format 3\0'.padEnd(90, 'x')],
  ])('%s in place of a database is broken', async (_, content) => {
    await mkdir(join(folder, 'data'))
    await writeFile(file, content)
    const { kind, said } = await faultOf(openStore(file, deps))
    expect(kind).toBe('broken')
    expect(said).toContain('backup')
    expect(await readFile(file, 'utf8')).toBe(content)
  })

  test("somebody else's database is left alone", async () => {
    await mkdir(join(folder, 'data'))
    const other = new DatabaseSync(file)
    other.exec('create table precious (a text)')
    other.close()
    expect((await faultOf(openStore(file, deps))).kind).toBe('broken')
  })

  test('a newer schema is not opened', async () => {
    await (await openStore(file, deps)).close()
    const other = new DatabaseSync(file)
    other.exec(`insert into schema_migrations values (99, 'later', 'x', 0)`)
    other.close()
    const { kind, said } = await faultOf(openStore(file, deps))
    expect(kind).toBe('schema')
    expect(said).toContain('newer')
  })

  test('a dry run lists the steps and takes none', async () => {
    const first = await migrateStore(file, deps, { dryRun: true })
    expect(first).toEqual(migrations.map(({ number, name }) => ({ number, name })))
    expect(await migrateStore(file, deps, { dryRun: false })).toEqual(first)
    expect(await migrateStore(file, deps, { dryRun: true })).toEqual([])
  })

  test('a new file that another starter holds for a moment is waited for', async () => {
    await mkdir(join(folder, 'data'))
    const holder = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads')
       const database = new (require('node:sqlite').DatabaseSync)(workerData)
       database.exec('begin immediate')
       parentPort.postMessage('held')
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
       database.exec('rollback')
       database.close()`,
      { eval: true, workerData: file },
    )
    await once(holder, 'message')
    const store = await openStore(file, deps)
    expect((await store.health()).ok).toBe(true)
    await store.close()
    await holder.terminate()
  })

  test('a database that another process writes to without a pause is opened and read', async () => {
    await (await openStore(file, deps)).close()
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    const store = await openStore(file, deps)
    expect(await store.clients.list(null, 10)).toEqual([])
    expect(await migrateStore(file, deps, { dryRun: true })).toEqual([])
    await store.close()
    other.exec('rollback')
    other.close()
  })

  test('a writer that can wait gets the time that it needs', async () => {
    const store = await openStore(file, { ...deps, patienceMs: 20_000 })
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    const adding = store.clients.add(aClient, context)
    // Longer than any request would be kept waiting.
    await pause(1_500)
    other.exec('rollback')
    other.close()
    expect(await adding).toBe('added')
    await store.close()
  })

  test('four processes that start at once have one schema and one epoch', async () => {
    const program = new URL('./open-and-tell.ts', import.meta.url).pathname
    const starts = Array.from({ length: 4 }, () =>
      promisify(execFile)(process.execPath, ['--conditions=countersign-source', program, file]),
    )
    const epochs = (await Promise.all(starts)).map(({ stdout }) => stdout)
    expect(new Set(epochs).size).toBe(1)
    expect(epochs[0]).not.toBe('')
  })
})

describe('opening a Postgres database', () => {
  let database: Database
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.drop())

  test('it is migrated only when asked to be', async () => {
    const { kind, said } = await faultOf(openStore(database.url, deps))
    expect(kind).toBe('schema')
    expect(said).toContain('countersign migrate')
    const steps = await migrateStore(database.url, deps, { dryRun: true })
    expect(steps).toHaveLength(migrations.length)
    expect(await migrateStore(database.url, deps, { dryRun: false })).toEqual(steps)
    expect(await migrateStore(database.url, deps, { dryRun: false })).toEqual([])
    await (await openStore(database.url, deps)).close()
  })

  test('five starters at once take the steps once', async () => {
    const opening = Array.from({ length: 5 }, () =>
      openStore(database.url, { ...deps, migrate: true }),
    )
    const stores = await Promise.all(opening)
    const epochs = await Promise.all(stores.map((store) => store.revocations.head()))
    expect(new Set(epochs.map(({ epoch }) => epoch)).size).toBe(1)
    await Promise.all(stores.map((store) => store.close()))
    expect(await database.sql('select number from schema_migrations')).toHaveLength(
      migrations.length,
    )
  })

  test('a newer schema is not opened, and nothing is done to it', async () => {
    await migrateStore(database.url, deps, { dryRun: false })
    await database.sql(`insert into schema_migrations values (99, 'later', 'x', 0)`)
    expect((await faultOf(openStore(database.url, { ...deps, migrate: true }))).kind).toBe('schema')
  })

  test('a database that may forget what it answered is refused', async () => {
    const name = new URL(database.url).pathname.slice(1)
    await database.sql(`alter database ${name} set synchronous_commit = off`)
    const { kind, said } = await faultOf(openStore(database.url, { ...deps, migrate: true }))
    expect(kind).toBe('durability')
    expect(said).toContain('synchronous_commit')
  })

  describe('says why Postgres cannot be used, and never the password', () => {
    const secret = 'very-secret'

    /** The address of the suite's database with other parts. */
    function addressWith(change: (url: URL) => void): string {
      const url = new URL(database.url)
      url.password = secret
      change(url)
      return url.href
    }

    test.each([
      {
        name: 'no such database',
        change: (url: URL) => (url.pathname = '/none'),
        says: 'no database of this name',
      },
      {
        name: 'refused',
        change: (url: URL) => (url.port = '1'),
        says: 'Nothing accepts connections',
      },
      {
        name: 'no such host',
        change: (url: URL) => (url.hostname = 'db.invalid'),
        says: 'no address in DNS',
      },
      {
        name: 'no TLS',
        change: (url: URL) => (url.search = '?sslmode=require'),
        says: 'TLS connection',
      },
      {
        name: 'no such user',
        change: (url: URL) => (url.username = 'nobody'),
        says: 'does not admit this user',
      },
    ])('$name', async ({ change, says }) => {
      const { kind, said } = await faultOf(openStore(addressWith(change), deps))
      expect(kind).toBe('unavailable')
      expect(said).toContain(says)
      expect(said).not.toContain(secret)
    })

    test('password refused', async () => {
      const server = await aServerThatSays(
        'E',
        'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0',
      )
      const { said } = await faultOf(
        openStore(
          addressWith((url) => (url.host = server.host)),
          deps,
        ),
      )
      expect(said).toContain('refuses this user or password')
      expect(said).not.toContain(secret)
      server.close()
    })

    test('a certificate file that is not there', async () => {
      const address = addressWith(
        (url) => (url.search = '?sslmode=verify-full&sslrootcert=none.pem'),
      )
      await expect(openStore(address, deps)).rejects.toThrow(
        'names as sslrootcert the file none.pem',
      )
    })

    test('a password that is not percent-encoded', async () => {
      const opening = openStore(`postgres://u:p@${secret}/w@h/db`, deps)
      const said = await opening.then(String, String)
      expect(said).toContain('percent-encode the password')
      expect(said).not.toContain(secret)
    })
  })

  test('an address where nobody listens is a fault within two seconds, without its password', async () => {
    const started = performance.now()
    const { kind, said } = await faultOf(
      openStore('postgres://shop:very-secret@127.0.0.1:1/shop', deps),
    )
    expect(kind).toBe('unavailable')
    expect(said).not.toContain('very-secret')
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

/** A server that answers each connection with one message of the protocol. */
async function aServerThatSays(type: string, body: string) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length + 4)
    socket.write(Buffer.concat([Buffer.from(type), length, Buffer.from(body)]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    host: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
