import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { migrations } from '../../packages/server/src/store/migrations/migrations.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { openPostgres } from '../../packages/server/src/store/postgres/driver.ts'
import { openSqlite } from '../../packages/server/src/store/sqlite/driver.ts'
import { createDatabase } from '../postgres/shared.ts'
import { databases, type TestDatabase } from './databases.ts'
import { randomId, startOfTime } from './ids.ts'
import { aClient, aResource, after, context } from './records.ts'

const hash = /^[\w-]{43}$/

describe.each(databases)('the chain of the log on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  beforeEach(() => database.setNow(startOfTime))

  const head = () => database.store.revocations.head()
  const revoke = (jti: string) =>
    database.store.revocations.add({ kind: 'token', jti }, after(600), context)

  test('an empty log has no hash, and its first epoch began at 0', async () => {
    expect(await head()).toMatchObject({ sequence: 0, hash: '', epochStart: 0 })
  })

  test('each revocation moves the hash; a change moves only the hash of changes', async () => {
    const seen = [await head()]
    await revoke('a')
    seen.push(await head())
    await revoke('b')
    seen.push(await head())
    const [, , before] = seen
    for (const { hash: text } of seen.slice(1)) expect(text).toMatch(hash)
    expect(new Set(seen.map((one) => one.hash)).size).toBe(3)
    await database.store.resources.add(aResource, context)
    const changed = await head()
    expect(changed).toMatchObject({ sequence: before?.sequence, hash: before?.hash })
    expect(changed.changesHash).not.toBe(before?.changesHash)
    expect(changed.changesHash).toMatch(hash)
  })

  test('a client that is disabled moves both hashes', async () => {
    await database.store.clients.add(aClient, context)
    const before = await head()
    await database.store.clients.disable(aClient.id, context)
    const now = await head()
    expect(now.hash).not.toBe(before.hash)
    expect(now.changesHash).not.toBe(before.changesHash)
  })

  test('an act that is undone leaves the hash as it was', async () => {
    const spend = [
      { space: 'client_assertion', owner: 'shop', id: 'one', until: after(60) },
    ] as const
    await database.store.spent.spend(spend)
    const before = await head()
    const target = { kind: 'token', jti: 'undone' } as const
    const { revocations } = database.store
    expect(await revocations.add(target, after(600), context, undefined, { spend })).toBe('spent')
    expect(await head()).toEqual(before)
  })

  test('the hash where a batch ended is found by its number, and by a later one', async () => {
    const { revocations } = database.store
    await revoke('c')
    const { sequence, hash: there } = await head()
    expect(await revocations.linkUpTo(sequence)).toEqual({ sequence, hash: there })
    await revoke('d')
    expect(await revocations.linkUpTo(sequence)).toEqual({ sequence, hash: there })
    const newest = await head()
    const link = { sequence: newest.sequence, hash: newest.hash }
    expect(await revocations.linkUpTo(newest.sequence + 100)).toEqual(link)
    expect(await revocations.linkUpTo(0)).toBeUndefined()
  })

  test('forty revocations over two nodes: each has a hash of its own', async () => {
    const second = await database.open()
    const before = (await head()).sequence
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? database.store : second).revocations.add(
          { kind: 'token', jti: `forty ${n}` },
          after(600),
          context,
        ),
      ),
    )
    const found = await Promise.all(
      Array.from({ length: 40 }, (_, n) => database.store.revocations.linkUpTo(before + n + 1)),
    )
    expect(found.map((link) => link?.sequence)).toEqual(found.map((_, n) => before + n + 1))
    expect(new Set(found.map((link) => link?.hash)).size).toBe(40)
  })

  test('a number that a program without chains gave has no hash', async () => {
    await database.sql('update log_head set revocations = revocations + 1')
    expect((await head()).hash).toBe('')
    await revoke('after it')
    expect((await head()).hash).toMatch(hash)
  })

  test('hashes are kept for a day longer than entries, a minute and an hour, and pruned then', async () => {
    const { store } = database
    await revoke('old')
    const { sequence, hash: there } = await head()
    const kept = 86_400 + 60 + 3_600
    await database.setNow(after(kept - 1))
    await pruneAll()
    expect(await store.revocations.linkUpTo(sequence)).toEqual({ sequence, hash: there })
    await database.setNow(after(kept))
    await pruneAll()
    expect(await store.revocations.linkUpTo(sequence)).toBeUndefined()
    expect((await head()).hash).toBe(there)
  })

  async function pruneAll(): Promise<void> {
    while (!(await database.store.prune()).done);
  }
})

describe('two logs with the same contents', () => {
  test('differ in their hashes, for 128 random bits are in each batch', async () => {
    const hashes: string[] = []
    for (let n = 0; n < 2; n += 1) {
      const folder = await mkdtemp(join(tmpdir(), 'countersign-chain-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const store = await openStore(join(folder, 'db'), { now: () => startOfTime, randomId })
      await store.revocations.add({ kind: 'token', jti: 'same' }, after(600), context)
      hashes.push((await store.revocations.head()).hash)
      await store.close()
    }
    expect(new Set(hashes).size).toBe(2)
  })
})

describe('a database of the release before', () => {
  const former = migrations.filter(({ number }) => number < 3)
  const deps = { now: () => startOfTime, randomId, migrate: true }
  const log = `insert into revocations (sequence, kind, id, bound, cid, added_at, expires_at)
    values (1, 'token', 'old', 0, null, ${startOfTime}, ${startOfTime + 86_400_000})`

  test('on SQLite is upgraded with its entries, and the next one begins the chain', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-upgrade-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'db')
    const driver = openSqlite(file, deps, former)
    await driver.write(function* () {
      for (const sql of [log, 'update log_head set revocations = 1']) {
        yield { sql, params: [], rows: 'none', audit: null, followUp: null, tell: [], batch: null }
      }
    })
    await driver.close()
    expect(await upgraded(file)).toEqual([1, '', ['old'], 2, expect.stringMatching(hash)])
  })

  test('on Postgres is upgraded with its entries, and the next one begins the chain', async () => {
    const database = await createDatabase()
    onTestFinished(() => database.drop())
    await (await openPostgres(database.url, deps, former)).close()
    await database.sql(`${log}; update log_head set revocations = 1`)
    expect(await upgraded(database.url)).toEqual([1, '', ['old'], 2, expect.stringMatching(hash)])
  })

  /** Number and hash of the head, the tokens in the log, and both again after one more revocation. */
  async function upgraded(address: string): Promise<readonly unknown[]> {
    const store = await openStore(address, deps)
    const before = await store.revocations.head()
    const entries = await store.revocations.page(0, 10)
    await store.revocations.add({ kind: 'token', jti: 'new' }, after(600), context)
    const now = await store.revocations.head()
    await store.close()
    const tokens = entries.map(({ target }) => target.kind === 'token' && target.jti)
    return [before.sequence, before.hash, tokens, now.sequence, now.hash]
  }
})
