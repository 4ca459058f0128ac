/** A bounded memory of verified tokens. */
export interface TokenCache<Entry> {
  readonly get: (token: string) => Entry | undefined
  readonly set: (token: string, entry: Entry) => void
  readonly delete: (token: string) => void
  readonly clear: () => void
  readonly size: () => number
}

/** Units: entries; bytes, estimated from the token's length. */
export interface CacheLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

export const defaultCacheLimits: CacheLimits = { entriesMax: 10_000, bytesMax: 16 * 1024 * 1024 }

/** Units: bytes. What an entry weighs beside its token and claims. */
const entryBytes = 512

/**
 * Makes a cache keyed by the complete token, in two generations: when the young one is full it becomes the old one,
 * and what was not asked for again while it was old is gone.
 * Why: a hit in the young generation is one map look-up and writes nothing.
 */
export function createTokenCache<Entry>({ entriesMax, bytesMax }: CacheLimits): TokenCache<Entry> {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  let youngBytes = 0

  function set(token: string, entry: Entry): void {
    // The claims repeat about what the token holds, twice as wide.
    const bytes = token.length * 3 + entryBytes
    if (bytes > bytesMax / 2 || entriesMax < 2) return
    if (young.size >= entriesMax / 2 || youngBytes + bytes > bytesMax / 2) {
      old = young
      young = new Map()
      youngBytes = 0
    }
    const before = young.size
    young.set(token, entry)
    if (young.size > before) youngBytes += bytes
  }

  function get(token: string): Entry | undefined {
    const entry = young.get(token)
    if (entry !== undefined || old.size === 0) return entry
    const older = old.get(token)
    if (older === undefined) return undefined
    old.delete(token)
    set(token, older)
    return older
  }

  return {
    get,
    set,
    delete: (token) => {
      young.delete(token)
      old.delete(token)
    },
    clear: () => {
      young = new Map()
      old = new Map()
      youngBytes = 0
    },
    size: () => young.size + old.size,
  }
}
