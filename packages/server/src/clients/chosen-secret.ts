import { timingSafeEqual } from 'node:crypto'
import { hashArgon2id, readPhc, saltLength } from '../hashing/argon2id.ts'
import type { HashQueue } from '../hashing/hash-queue.ts'

/** Hashes of secrets chosen by people, as many at a time as the machine bears; `undefined` when too many wait. */
export interface ChosenSecrets {
  /** A PHC string; with the salt of `like`, so that all secrets of one client cost one hash to check. */
  readonly hash: (secret: string, like?: string) => Promise<string | undefined>
  /** Whether the secret is one of those kept; costs the same for none at all. */
  readonly verify: (secret: string, standing: readonly string[]) => Promise<boolean | undefined>
}

/** Makes the argon2id hasher of client secrets behind a bounded queue. */
export function createChosenSecrets(deps: {
  readonly randomBytes: (length: number) => Uint8Array
  readonly enter: HashQueue
}): ChosenSecrets {
  const { enter } = deps
  const dummySalt = deps.randomBytes(saltLength)
  return {
    hash: (secret, like) => {
      const salt = like === undefined ? deps.randomBytes(saltLength) : saltOf(like)
      return enter(() => hashArgon2id(secret, salt))
    },
    verify: (secret, standing) =>
      enter(async () => {
        const salts = new Map<string, Uint8Array>()
        for (const phc of standing) salts.set(String(phc.split('$')[4]), saltOf(phc))
        if (salts.size === 0) salts.set('', dummySalt)
        let found = false
        for (const salt of salts.values()) {
          const wanted = Buffer.from(await hashArgon2id(secret, salt))
          for (const phc of standing) {
            const bytes = Buffer.from(phc)
            const equal = bytes.length === wanted.length && timingSafeEqual(bytes, wanted)
            found = equal || found
          }
        }
        return found
      }),
  }
}

function saltOf(phc: string): Uint8Array {
  return readPhc(phc)?.salt ?? Buffer.alloc(saltLength)
}
