import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochSeconds } from '@countersign/jwt'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { startNode, tokensIn } from '../faults/start-node.ts'
import { createDatabase } from '../postgres/shared.ts'
import { randomId } from '../store/ids.ts'

const operator = { requestId: 'operator', address: null, actor: 'operator' }
const sealsUnder = (key: Uint8Array) => createSeals(key, randomBytes)

const places = [
  {
    name: 'SQLite',
    make: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'countersign-reseal-'))
      return { url: join(folder, 'a.db'), drop: () => rm(folder, { recursive: true }) }
    },
  },
  { name: 'Postgres', make: () => createDatabase() },
]

it.each(places)(
  'keys are resealed under a running node on $name: it says so once, serves on, and lets others make keys',
  async ({ make }) => {
    const place = await make()
    onTestFinished(place.drop)
    const said: string[] = []
    const note = (facts: object, message: string) =>
      void said.push(`${message} ${JSON.stringify(facts)}`)
    const log = { debug: () => {}, info: () => {}, warn: note, error: note }
    const [former, next] = [randomBytes(32), randomBytes(32)]
    const old = await startNode(place.url, { sealingKey: former, log })
    onTestFinished(() => old.stop())
    const store = await openStore(place.url, {
      now: () => (Date.now() / 1000) as EpochSeconds,
      randomId,
    })
    onTestFinished(() => store.close())
    const tokens = await tokensIn(await old.login())
    const seals = sealsUnder(next)
    const standing = await store.keys.list()
    const resealed = standing.map((record) => ({
      kid: record.kid,
      former: record.sealed,
      sealed: seals.seal(sealsUnder(former).open(record.sealed, record), record),
    }))
    expect(await store.keys.reseal(resealed, operator)).toBe('resealed')
    await vi.waitFor(() => expect(said.join()).toContain('restart this process'), { timeout: 2000 })
    expect(said).toEqual([expect.stringContaining('restart this process')])

    const fresh = await startNode(place.url, { sealingKey: next })
    onTestFinished(() => fresh.stop())
    for (const node of [old, fresh]) {
      expect(await node.ask(tokens)).toBe(200)
      const given = await tokensIn(await node.login())
      for (const other of [old, fresh]) expect(await other.ask(given)).toBe(200)
    }
    expect(await fresh.ask(await tokensIn(await old.refresh(tokens)))).toBe(200)

    // It follows what others do as before.
    const standby = standing.find(
      ({ purpose, state }) => purpose === 'token' && state === 'announced',
    )
    await store.keys.advance(standby?.kid ?? '', 'announced', 'active', operator)
    await store.clients.disable('foo', operator)
    await vi.waitFor(async () => expect((await old.login()).status).toBe(401), { timeout: 2000 })
    await vi.waitFor(async () => expect(await old.ask(tokens)).toBe(400))
    const keys = await store.keys.list()
    expect(keys.filter((key) => !seals.opens(key.sealed, key))).toEqual([])
    // The refusal of the revoked token is a warning of the guard.
    expect(said.filter((line) => !line.startsWith('revoked: '))).toEqual([
      expect.stringContaining('restart this process'),
    ])
  },
)
