import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHashQueue } from '../../packages/server/src/hashing/hash-queue.ts'
import { createPasswordHasher } from '../../packages/server/src/hashing/password-hasher.ts'
import { peppersOf } from '../../packages/server/src/hashing/ring-peppers.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { databases, randomId, startOfTime } from '../store/databases.ts'
import { context } from '../store/records.ts'

const sealingKey = randomBytes(32)

/** The keys and the hasher of one node. */
async function startNode(store: Store) {
  const ring = createKeyRing({
    store: store.keys,
    seals: createSeals(sealingKey, randomBytes),
    times: { periodSeconds: 86_400, announceSeconds: 300, leewaySeconds: 60 },
    now: () => startOfTime,
    randomId,
    randomBytes,
  })
  await ring.start()
  const enter = createHashQueue({ runningMax: 2, waitingMax: 8 })
  return {
    ring,
    ...createPasswordHasher({
      peppers: peppersOf(ring),
      enter,
      randomBytes,
      monotonicMs: () => performance.now(),
    }),
  }
}

describe.each(databases)('a rotated pepper on $name', ({ start }) => {
  test('hashes on one node what another node verifies at once, and former hashes stay valid', async () => {
    const database = await start()
    onTestFinished(() => database.close())
    const one = await startNode(database.store)
    const other = await startNode(await database.open())
    const former = await one.hash('four ordinary words')
    expect(await one.ring.renewSecret('password-pepper', context)).toBe('renewed')
    const next = await one.hash('four ordinary words')
    expect(next?.pepperId).not.toBe(former?.pepperId)
    expect(await other.verify('four ordinary words', next)).toEqual({
      isRight: true,
      isStale: false,
      behindMs: 0,
    })
    for (const node of [one, other])
      expect(await node.verify('four ordinary words', former)).toEqual({
        isRight: true,
        isStale: true,
        behindMs: 0,
      })
  })

  test('stays after a turn of the keys, and is rotated once by two nodes at a time', async () => {
    const database = await start()
    onTestFinished(() => database.close())
    const one = await startNode(database.store)
    const other = await startNode(await database.open())
    const former = await one.hash('four ordinary words')
    const outcomes = await Promise.all(
      [one, other].map(({ ring }) => ring.renewSecret('password-pepper', context)),
    )
    expect(outcomes).toContain('renewed')
    await one.ring.turn()
    await other.ring.turn()
    expect(await other.verify('four ordinary words', former)).toMatchObject({ isRight: true })
  })
})
