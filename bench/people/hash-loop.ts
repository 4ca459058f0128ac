// The limit of a sign-in: the same argon2id, called without a server.
import { randomBytes } from 'node:crypto'
import { hashArgon2, presentCost, saltLength } from '../../packages/server/src/hashing/argon2id.ts'
import type { Work } from '../method/work.ts'

/** Makes one hash after the other in each of some lanes. The argument is the count of lanes. */
export function prepare(argument: string): Work {
  const salt = randomBytes(saltLength)
  const message = randomBytes(32)
  return async (operations) => {
    let left = operations
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        const hash = await hashArgon2('argon2id', message, salt, presentCost, 32)
        if (hash.length !== 32) throw new Error('no hash')
      }
    }
    await Promise.all(Array.from({ length: Number(argument) }, lane))
  }
}
