import { createHmac } from 'node:crypto'
import type { MaybePromise } from '../maybe-promise.ts'
import {
  hashArgon2id,
  isOtherCost,
  readPhc,
  saltLength,
  verifyArgon2id,
  type Phc,
} from './argon2id.ts'
import type { HashQueue } from './hash-queue.ts'

/** A key of this service without which the hashes in the database say nothing. */
export interface Pepper {
  readonly id: string
  readonly secret: Uint8Array
}

export interface Peppers {
  /** The pepper of new hashes. */
  readonly current: () => Pepper
  /** A present or former pepper. */
  readonly find: (id: string) => MaybePromise<Pepper | undefined>
}

/** A hash with the id of its pepper. */
export interface KeptHash {
  readonly hash: string
  readonly pepperId: string
}

/** Hashes and verifies passwords of users; `undefined` when the queue is full and nothing was tried. */
export interface PasswordHasher {
  readonly hash: (password: string) => Promise<KeptHash | undefined>
  /**
   * Whether the password has this hash; for none it costs the same. `isStale`: it was made with a former pepper or at
   * another cost, so it should be made again.
   */
  readonly verify: (
    password: string,
    kept: KeptHash | undefined,
  ) => Promise<{ readonly isRight: boolean; readonly isStale: boolean } | undefined>
}

/**
 * Makes the hasher of passwords: a keyed hash first, argon2id over it.
 * Not checked: rules and form of the password. The caller has normalized it.
 * Why: a reader of the database alone cannot guess, because the key is sealed.
 * Source: NIST SP 800-63B-4 §3.1.1.2 (a keyed hash with a key that is kept apart).
 */
export function createPasswordHasher(deps: {
  readonly peppers: Peppers
  readonly enter: HashQueue
  readonly randomBytes: (length: number) => Uint8Array
}): PasswordHasher {
  const { peppers, enter, randomBytes } = deps
  const nobody = { id: '', secret: randomBytes(32) }
  const dummySalt = randomBytes(saltLength)
  return {
    hash: (password) =>
      enter(async () => {
        const pepper = peppers.current()
        const hash = await hashArgon2id(keyed(password, pepper), randomBytes(saltLength))
        return { hash, pepperId: pepper.id }
      }),
    verify: (password, kept) =>
      enter(async () => {
        const phc = kept === undefined ? undefined : readPhc(kept.hash)
        const pepper = kept === undefined ? undefined : await peppers.find(kept.pepperId)
        const known = phc !== undefined && pepper !== undefined ? { phc, pepper } : undefined
        if (known === undefined) {
          await hashArgon2id(keyed(password, nobody), dummySalt)
          return { isRight: false, isStale: false }
        }
        const isRight = await verifyArgon2id(keyed(password, known.pepper), known.phc)
        return { isRight, isStale: isFormer(known.phc, known.pepper, peppers) }
      }),
  }
}

function isFormer({ cost }: Phc, { id }: Pepper, peppers: Peppers): boolean {
  return isOtherCost(cost) || id !== peppers.current().id
}

function keyed(password: string, { secret }: Pepper): Uint8Array {
  return createHmac('sha256', secret).update(password, 'utf8').digest()
}
