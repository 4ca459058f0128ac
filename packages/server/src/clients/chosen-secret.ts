import { argon2 as builtIn, timingSafeEqual } from 'node:crypto'

/** Units: KiB of memory, passes, lanes. Source: OWASP Password Storage Cheat Sheet (argon2id). */
const argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 } as const
const tagLength = 32
const saltLength = 16

/** Hashes of secrets chosen by people, as many at a time as the machine bears; `undefined` when too many wait. */
export interface ChosenSecrets {
  /** A PHC string; with the salt of `like`, so that all secrets of one client cost one hash to check. */
  readonly hash: (secret: string, like?: string) => Promise<string | undefined>
  /** Whether the secret is one of those kept; costs the same for none at all. */
  readonly verify: (secret: string, standing: readonly string[]) => Promise<boolean | undefined>
}

/**
 * Makes the argon2id hasher with a bounded queue in front.
 * Why: each hash takes 19 MiB and milliseconds; a flood of guesses must wait or be turned away, never pile up.
 */
export function createChosenSecrets(deps: {
  readonly randomBytes: (length: number) => Uint8Array
  readonly runningMax: number
  readonly waitingMax: number
}): ChosenSecrets {
  const enter = createQueue(deps.runningMax, deps.waitingMax)
  const dummySalt = deps.randomBytes(saltLength)
  const tagOf = async (secret: string, salt: Uint8Array) => (await loadArgon2())(secret, salt)
  return {
    hash: (secret, like) => {
      const salt = like === undefined ? deps.randomBytes(saltLength) : saltOf(like)
      return enter(async () => renderPhc(salt, await tagOf(secret, salt)))
    },
    verify: (secret, standing) =>
      enter(async () => {
        const salts = new Map<string, Uint8Array>()
        for (const phc of standing) salts.set(String(phc.split('$')[4]), saltOf(phc))
        if (salts.size === 0) salts.set('', dummySalt)
        let found = false
        for (const salt of salts.values()) {
          const wanted = Buffer.from(renderPhc(salt, await tagOf(secret, salt)))
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

/** Source: the PHC string format; the cost is part of the text, so raising it later makes old hashes cost what they did. */
function renderPhc(salt: Uint8Array, tag: Uint8Array): string {
  const { memoryKib, passes, lanes } = argon2Cost
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

function saltOf(phc: string): Uint8Array {
  return Buffer.from(phc.split('$')[4] ?? '', 'base64')
}

type Argon2 = (secret: string, salt: Uint8Array) => Promise<Uint8Array>
let loaded: Promise<Argon2> | undefined

/** The native accelerator where it can be loaded, else the runtime's own; asked for when first needed. */
function loadArgon2(): Promise<Argon2> {
  loaded ??= import('@node-rs/argon2').then(
    ({ hashRaw }): Argon2 =>
      (secret, salt) =>
        hashRaw(secret, {
          salt,
          memoryCost: argon2Cost.memoryKib,
          timeCost: argon2Cost.passes,
          parallelism: argon2Cost.lanes,
          outputLen: tagLength,
        }),
    () => builtInArgon2,
  )
  return loaded
}

/** Exported for a test that both make the same hash. */
export const builtInArgon2: Argon2 = (message, nonce) =>
  new Promise((resolve, reject) => {
    const { memoryKib: memory, passes, lanes: parallelism } = argon2Cost
    builtIn(
      'argon2id',
      { message, nonce, memory, passes, parallelism, tagLength },
      (fault, tag) => {
        if (fault === null) resolve(tag)
        else reject(fault)
      },
    )
  })

function createQueue(runningMax: number, waitingMax: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax) return undefined
      await new Promise<void>((resolve) => void waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
