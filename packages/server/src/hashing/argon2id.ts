import { argon2 as builtIn, timingSafeEqual } from 'node:crypto'

/** The cost of one hash. Units: KiB of memory, passes, lanes. */
export interface Argon2Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

/** The cost of new hashes. Source: OWASP Password Storage Cheat Sheet (argon2id). */
export const presentCost: Argon2Cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
export const saltLength = 16
const tagLength = 32

/** The parts of a PHC string. */
export interface Phc {
  readonly cost: Argon2Cost
  readonly salt: Uint8Array
  readonly tag: Uint8Array
}

/** Makes the PHC string of a message under a salt, at the present cost. */
export async function hashArgon2id(
  message: string | Uint8Array,
  salt: Uint8Array,
): Promise<string> {
  return renderPhc(salt, await hashArgon2('argon2id', message, salt, presentCost, tagLength))
}

/** Whether a message has this hash. It costs what the hash cost when it was made. */
export async function verifyArgon2id(message: string | Uint8Array, phc: Phc): Promise<boolean> {
  const tag = await hashArgon2('argon2id', message, phc.salt, phc.cost, tagLength)
  return tag.length === phc.tag.length && timingSafeEqual(tag, phc.tag)
}

/** Makes the bare hash of a variant of argon2, version 19. */
export async function hashArgon2(
  variant: Argon2Variant,
  message: string | Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
  length: number,
): Promise<Uint8Array> {
  return (await loadArgon2())(variant, message, salt, cost, length)
}

/** Source: the PHC string format. The cost is part of the text, so a hash is verified at its own. */
function renderPhc(salt: Uint8Array, tag: Uint8Array): string {
  const { memoryKib, passes, lanes } = presentCost
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(salt)}$${base64(tag)}`
}

/** The highest cost that is verified, so that no row of a database makes one sign-in take minutes. */
const costMax: Argon2Cost = { memoryKib: 262_144, passes: 16, lanes: 8 }

/** Reads a PHC string of argon2id; `undefined` for any other text, and for a cost that is too high. */
export function readPhc(text: string): Phc | undefined {
  const [empty, name, version, cost = '', salt, tag, ...more] = text.split('$')
  if (empty !== '' || name !== 'argon2id' || version !== 'v=19' || more.length > 0) return undefined
  if (salt === undefined || tag === undefined) return undefined
  const [memoryKib, passes, lanes] = ['m', 't', 'p'].map((letter, index) => {
    const [key, digits = ''] = cost.split(',')[index]?.split('=') ?? []
    const value = Number(digits)
    return key === letter && Number.isSafeInteger(value) && value > 0 ? value : undefined
  })
  if (memoryKib === undefined || passes === undefined || lanes === undefined) return undefined
  if (memoryKib > costMax.memoryKib || passes > costMax.passes || lanes > costMax.lanes)
    return undefined
  return {
    cost: { memoryKib, passes, lanes },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

/** Whether a hash was made at another cost than new ones are. */
export function isOtherCost({ memoryKib, passes, lanes }: Argon2Cost): boolean {
  return (
    memoryKib !== presentCost.memoryKib ||
    passes !== presentCost.passes ||
    lanes !== presentCost.lanes
  )
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

export type Argon2Variant = 'argon2d' | 'argon2i' | 'argon2id'

type Argon2 = (
  variant: Argon2Variant,
  message: string | Uint8Array,
  salt: Uint8Array,
  cost: Argon2Cost,
  length: number,
) => Promise<Uint8Array>
let loaded: Promise<Argon2> | undefined

/** The native accelerator where it can be loaded, else the runtime's own; asked for when first needed. */
function loadArgon2(): Promise<Argon2> {
  loaded ??= import('@node-rs/argon2').then(
    ({ hashRaw }): Argon2 =>
      (variant, message, salt, { memoryKib, passes, lanes }, length) =>
        hashRaw(message, {
          algorithm: acceleratorNumbers[variant],
          salt,
          memoryCost: memoryKib,
          timeCost: passes,
          parallelism: lanes,
          outputLen: length,
        }),
    () => builtInArgon2,
  )
  return loaded
}

/** The numbers of the variants in the accelerator, whose own names exist for the compiler only. */
const acceleratorNumbers = { argon2d: 0, argon2i: 1, argon2id: 2 } as const

/** Exported for a test that both make the same hash. */
export const builtInArgon2: Argon2 = (
  variant,
  message,
  nonce,
  { memoryKib, passes, lanes },
  length,
) =>
  new Promise((resolve, reject) => {
    builtIn(
      variant,
      { message, nonce, memory: memoryKib, passes, parallelism: lanes, tagLength: length },
      (fault, tag) => {
        if (fault === null) resolve(tag)
        else reject(fault)
      },
    )
  })
