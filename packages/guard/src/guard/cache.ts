import { markOf } from './token-mark.ts'

/** A bounded memory of verified tokens. Who has a token's mark already gives it, so that it is made once. */
export interface TokenCache<Entry> {
  readonly get: (token: string, mark?: number) => Entry | undefined
  readonly set: (token: string, entry: Entry, mark?: number) => void
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
 * Why: a hit in the young generation reads and compares one text and writes nothing.
 */
export function createTokenCache<Entry>({ entriesMax, bytesMax }: CacheLimits): TokenCache<Entry> {
  let young = createShelf<Entry>()
  let old = createShelf<Entry>()
  let youngBytes = 0

  function set(token: string, entry: Entry, mark = markOf(token)): void {
    // The claims repeat about what the token holds, twice as wide.
    const bytes = token.length * 3 + entryBytes
    if (bytes > bytesMax / 2 || entriesMax < 2) return
    if (young.size() >= entriesMax / 2 || youngBytes + bytes > bytesMax / 2) {
      old = young
      young = createShelf()
      youngBytes = 0
    }
    const before = young.size()
    young.set(token, entry, mark)
    if (young.size() > before) youngBytes += bytes
  }

  function get(token: string, mark = markOf(token)): Entry | undefined {
    const entry = young.get(token, mark)
    if (entry !== undefined || old.size() === 0) return entry
    const older = old.get(token, mark)
    if (older === undefined) return undefined
    old.delete(token)
    set(token, older, mark)
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
      young = createShelf()
      old = createShelf()
      youngBytes = 0
    },
    size: () => young.size() + old.size(),
  }
}

interface Shelf<Entry> {
  readonly get: (token: string, mark: number) => Entry | undefined
  readonly set: (token: string, entry: Entry, mark: number) => void
  readonly delete: (token: string) => void
  readonly size: () => number
}

interface Kept<Entry> {
  readonly token: string
  readonly entry: Entry
}

/**
 * One generation: found by a mark of the token, given only for the complete token.
 * Why: of tokens that share a mark the later ones lie under their whole text, so that they lose no more than time.
 */
function createShelf<Entry>(): Shelf<Entry> {
  const marked = new Map<number, Kept<Entry>>()
  const crowded = new Map<string, Entry>()
  return {
    get: (token, mark) => {
      const kept = marked.get(mark)
      if (kept === undefined) return undefined
      return kept.token === token ? kept.entry : crowded.get(token)
    },
    set: (token, entry, mark) => {
      const kept = marked.get(mark)
      if (kept === undefined || kept.token === token) marked.set(mark, { token, entry })
      else crowded.set(token, entry)
    },
    delete: (token) => {
      const mark = markOf(token)
      if (marked.get(mark)?.token === token) marked.delete(mark)
      crowded.delete(token)
    },
    size: () => marked.size + crowded.size,
  }
}
