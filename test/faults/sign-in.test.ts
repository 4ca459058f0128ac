import { argon2Sync, createHmac, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { keyTimes } from '../../packages/server/src/config/defaults.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { processSystem } from '../../packages/server/src/main/system.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { foldName } from '../../packages/server/src/users/fold-name.ts'
import { startPostgres, type PostgresServer } from '../postgres/server.ts'
import { createDatabase, type Database } from '../postgres/shared.ts'
import { context } from '../store/records.ts'
import { refusedForNow } from './in-time.ts'
import { startNode, type TestNode } from './start-node.ts'

const password = 'four ordinary words here'
const sealingKey = randomBytes(32)

let server: PostgresServer
let database: Database
let node: TestNode
beforeAll(async () => {
  server = await startPostgres()
  database = await createDatabase(server.url)
  node = await startNode(database.url, { sealingKey, loginClientId: 'foo' })
  await addUser('ann')
}, 120_000)
afterAll(async () => {
  await node.stop()
  await server.remove()
})

/** Adds a user whose hash takes a second or so, so that the database can go away meanwhile. */
async function addUser(typed: string): Promise<void> {
  const system = processSystem()
  const { now, randomId } = system
  const store = await openStore(database.url, system)
  const seals = createSeals(sealingKey, randomBytes)
  const times = keyTimes
  const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
  await ring.start()
  const pepper = ring.activeSecret('password-pepper')
  const name = foldName(typed)
  if (!name.ok) throw new Error(typed)
  const outcome = await store.users.create(
    {
      id: randomId() as UserId,
      handle: randomBytes(32),
      profile: {},
      names: [{ ...name.value, isVerified: false }],
      access: [{ audience: 'http://tokens.test/protected', scopes: ['read'], roles: [] }],
      password: { hash: slowHash(pepper.secret), pepperId: pepper.id, mustChange: false },
    },
    context,
  )
  expect(outcome).toEqual({ outcome: 'created' })
  await store.close()
}

function slowHash(pepper: Uint8Array): string {
  const message = createHmac('sha256', pepper).update(password).digest()
  const nonce = randomBytes(16)
  const cost = { memory: 65_536, passes: 10, parallelism: 1, tagLength: 32 }
  const tag = argon2Sync('argon2id', { message, nonce, ...cost })
  const [salt, digest] = [nonce, tag].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=1$${salt}$${digest}`
}

const signIn = (username: string, typed: string) =>
  fetch(`${node.origin}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: typed }),
  })

const counted = () => database.sql('select key, count from counters where count > 0')

async function recovered(): Promise<void> {
  await vi.waitFor(async () => expect((await fetch(`${node.origin}/readyz`)).status).toBe(200), {
    timeout: 10_000,
    interval: 50,
  })
}

describe.each(['fast', 'immediate'] as const)('Postgres stopped (%s)', (mode) => {
  test('before sign-ins: 503 in time, and no counter has moved', async () => {
    await server.stop(mode)
    const tries = ['ann', 'nobody'].flatMap((name) => [
      signIn(name, password),
      signIn(name, 'four other words are here'),
    ])
    try {
      await Promise.all(tries.map(refusedForNow))
    } finally {
      await server.start()
    }
    await recovered()
    expect(await counted()).toEqual([])
  })

  test('between the count and the answer: 503, and the next sign-in takes the count off', async () => {
    const trying = signIn('ann', password)
    await vi.waitFor(async () => expect(await counted()).not.toEqual([]), { interval: 5 })
    await server.stop(mode)
    try {
      expect((await trying).status).toBe(503)
    } finally {
      await server.start()
    }
    await recovered()
    expect((await signIn('ann', password)).status).toBe(200)
    expect(await counted()).toEqual([])
  })
})
