import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { EpochSeconds } from '@countersign/jwt'
import { randomId } from '../store/ids.ts'
import { aClient, aFamily, context, hashOf, planOf } from '../store/records.ts'

// A process that rotates a number of refresh families on a file, and prints each rotation once it is
// committed.
const store = await openStore(process.argv[2] ?? '', {
  now: () => (Date.now() / 1000) as EpochSeconds,
  randomId,
})
const clientId = randomId()
await store.clients.add({ ...aClient, id: clientId, internalId: clientId }, context)

const lanes = Number(process.argv[3] ?? 16)
const rotations = Number(process.argv[4] ?? Infinity)
await Promise.all(Array.from({ length: lanes }, rotateOneFamily))
await store.close()

async function rotateOneFamily(): Promise<void> {
  const sid = randomId()
  const family = { ...aFamily, sid, clientId, currentHash: hashOf(sid, 1) }
  await store.refreshTokens.open(family, {}, context)
  for (let generation = 1; generation <= rotations; generation += 1) {
    const { outcome } = await store.refreshTokens.rotate(planOf(generation, { sid, clientId }))
    if (outcome !== 'rotated') throw new Error(`a rotation was ${outcome}`)
    process.stdout.write(`${sid} ${generation + 1}\n`)
  }
}
