import { hashRaw } from '@node-rs/argon2'
import { randomBytes } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { createChosenSecrets } from './chosen-secret.ts'
import { createHashQueue } from '../hashing/hash-queue.ts'

// Counted, not computed: what one hash costs is the same for all.
vi.mock('@node-rs/argon2', () => ({
  hashRaw: vi.fn<(secret: string) => Promise<Buffer>>(async (secret) => Buffer.alloc(32, secret)),
}))

it('a client that does not exist costs the one hash that a known one costs', async () => {
  const chosen = createChosenSecrets({
    randomBytes,
    enter: createHashQueue({ runningMax: 1, waitingMax: 1 }),
  })
  const kept = String(await chosen.hash('right'))
  const costOf = async (standing: readonly string[]) => {
    vi.mocked(hashRaw).mockClear()
    expect(await chosen.verify('wrong', standing)).toBe(false)
    return vi.mocked(hashRaw).mock.calls.length
  }
  expect([await costOf([]), await costOf([kept])]).toEqual([1, 1])
})
