import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ClientRecord } from '../store/port/records.ts'

/** The chosen secret that was last found right for a record, recognised without the slow hash. */
export interface RecentSecrets {
  readonly knows: (record: ClientRecord, secret: string) => boolean
  readonly remember: (record: ClientRecord, secret: string) => void
  /** A name for what was said, of which nobody learns what that was. */
  readonly nameOf: (said: readonly string[]) => string
}

/**
 * Makes the memory of right secrets.
 * Why: a client that logs in every minute should cost one slow hash, not one each time, and its parallel logins are no
 * guesses. Kept as a hash under a key that only this process has, and gone with the record it was found right for.
 */
export function createRecentSecrets(key: Uint8Array): RecentSecrets {
  const right = new WeakMap<ClientRecord, Uint8Array>()
  const hash = (record: ClientRecord, secret: string) =>
    createHmac('sha256', key).update(`${record.internalId}\n${secret}`).digest()
  return {
    knows(record, secret) {
      const wanted = hash(record, secret)
      return timingSafeEqual(right.get(record) ?? nothing, wanted)
    },
    remember: (record, secret) => void right.set(record, hash(record, secret)),
    nameOf: (said) => createHmac('sha256', key).update(JSON.stringify(said)).digest('base64url'),
  }
}

// 256 bits that no hash is expected to be.
const nothing = new Uint8Array(32)
