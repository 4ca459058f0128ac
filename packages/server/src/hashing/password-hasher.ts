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
import type { ForeignHash } from './foreign/foreign-hash.ts'
import { readForeignHash } from './foreign/read-foreign-hash.ts'
import { isSealedHash, openHash } from './foreign/seal-hash.ts'
import type { HashQueue } from './hash-queue.ts'
import { createHashTimes, ownScheme } from './hash-times.ts'

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
  /** Whether the password has this hash. For none, a hash is made that nobody has. */
  readonly verify: (password: string, kept: KeptHash | undefined) => Promise<Verdict | undefined>
}

/** The outcome of a verification. */
export interface Verdict {
  readonly isRight: boolean
  /** It was made with a former pepper, at another cost or by another product, so it should be made again. */
  readonly isStale: boolean
  /**
   * How much longer the dearest hash in the database takes. A refusal waits so long, and no more is hashed.
   * Units: milliseconds. Default: 0.
   */
  readonly behindMs?: number
}

/** A hasher that knows the hashes of other products. */
export interface LearningHasher extends PasswordHasher {
  /**
   * Measures these hashes, of which each is the dearest of its way, and forgets others. Verifications wait for it.
   * Throws: the fault of a hash.
   */
  readonly learn: (examples: readonly string[]) => Promise<void>
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
  readonly monotonicMs: () => number
}): LearningHasher {
  const { peppers, enter, randomBytes, monotonicMs } = deps
  const nobody = { id: '', secret: randomBytes(32) }
  const dummySalt = randomBytes(saltLength)
  const times = createHashTimes()
  let learned: Promise<void> = Promise.resolve()

  /** Takes the shorter of two times, because others may use the machine now. The first run loads, and is not measured. */
  async function measure(scheme: string, work: () => Promise<unknown>): Promise<void> {
    await work()
    const runs: number[] = []
    for (let run = 0; run < 2; run += 1) {
      const began = monotonicMs()
      await work()
      runs.push(monotonicMs() - began)
    }
    times.learn(scheme, Math.min(...runs))
  }

  async function learnAll(examples: readonly string[]): Promise<void> {
    const hashes = examples.map(readForeignHash).flatMap((one) => (one.ok ? [one.value] : []))
    times.keepOnly(new Set(hashes.map(({ scheme }) => scheme)))
    if (hashes.length === 0) return
    for (const hash of hashes) await measure(hash.scheme, () => verifyForeign('example', hash))
    await measure(ownScheme, () => hashArgon2id(keyed('example', nobody), dummySalt))
  }

  return {
    hash: (password) =>
      enter(async () => {
        const pepper = peppers.current()
        const hash = await hashArgon2id(keyed(password, pepper), randomBytes(saltLength))
        return { hash, pepperId: pepper.id }
      }),
    verify: async (password, kept) => {
      await learned.catch(() => undefined)
      return enter(async () => {
        const known = kept === undefined ? undefined : await findHash(kept, peppers)
        const began = monotonicMs()
        const isRight =
          known === undefined
            ? await hashArgon2id(keyed(password, nobody), dummySalt).then(() => false)
            : await known.verify(password)
        const took = monotonicMs() - began
        const behindMs = times.behind(took)
        times.note(known?.scheme ?? ownScheme, took)
        return { isRight, isStale: known?.isStale === true, behindMs }
      })
    },
    learn: (examples) => {
      learned = learned.catch(() => undefined).then(() => learnAll(examples))
      return learned
    },
  }
}

/** A hash of the database that can be verified. */
interface KnownHash {
  readonly scheme: string
  readonly isStale: boolean
  readonly verify: (password: string) => Promise<boolean>
}

/** Reads a hash of the database; `undefined` where its pepper or its form is unknown. */
async function findHash(kept: KeptHash, peppers: Peppers): Promise<KnownHash | undefined> {
  const pepper = await peppers.find(kept.pepperId)
  if (pepper === undefined) return undefined
  if (isSealedHash(kept.hash)) {
    const hash = openHash(kept.hash, pepper.secret)
    if (hash === undefined) return undefined
    const { scheme } = hash
    return { scheme, isStale: true, verify: (password) => verifyForeign(password, hash) }
  }
  const phc = readPhc(kept.hash)
  if (phc === undefined) return undefined
  return {
    scheme: ownScheme,
    isStale: isFormer(phc, pepper, peppers),
    verify: (password) => verifyArgon2id(keyed(password, pepper), phc),
  }
}

/** Loaded at the first use, because most services hold no such hash. */
async function verifyForeign(password: string, hash: ForeignHash): Promise<boolean> {
  const { verifyForeignHash } = await import('./foreign/verify-foreign-hash.ts')
  return verifyForeignHash(Buffer.from(password, 'utf8'), hash)
}

function isFormer({ cost }: Phc, { id }: Pepper, peppers: Peppers): boolean {
  return isOtherCost(cost) || id !== peppers.current().id
}

function keyed(password: string, { secret }: Pepper): Uint8Array {
  return createHmac('sha256', secret).update(password, 'utf8').digest()
}
