import { tokenHash } from './token-hash.ts'

/** A bounded cache of verified tokens. A caller that knows the token's hash passes it, so that it is computed once. */
export interface TokenCache<Entry> {
  readonly get: (token: string, hash?: number) => Entry | undefined
  readonly set: (token: string, entry: Entry, hash?: number) => void
  readonly delete: (token: string) => void
  readonly clear: () => void
  readonly size: () => number
}

/** The limits of a cache. Units: entries; bytes, estimated from the token's length. */
export interface CacheLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

export const defaultCacheLimits: CacheLimits = { entriesMax: 10_000, bytesMax: 16 * 1024 * 1024 }

/** Units: bytes. The size of an entry without its token and claims. */
const entryBytes = 512

/**
 * Makes a cache keyed by the complete token, in two generations. A full young generation replaces the old one. An entry
 * of the old generation that is used again moves to the young one; the others are dropped.
 * Why: a hit in the young generation reads and compares one text and writes nothing.
 */
export function createTokenCache<Entry>({ entriesMax, bytesMax }: CacheLimits): TokenCache<Entry> {
  let young = createGeneration<Entry>()
  let old = createGeneration<Entry>()
  let youngBytes = 0

  function set(token: string, entry: Entry, hash = tokenHash(token)): void {
    // The claims repeat about the content of the token, in letters of twice the size.
    const bytes = token.length * 3 + entryBytes
    if (bytes > bytesMax / 2 || entriesMax < 2) return
    if (young.size() >= entriesMax / 2 || youngBytes + bytes > bytesMax / 2) {
      old = young
      young = createGeneration()
      youngBytes = 0
    }
    const before = young.size()
    young.set(token, entry, hash)
    if (young.size() > before) youngBytes += bytes
  }

  function get(token: string, hash = tokenHash(token)): Entry | undefined {
    const entry = young.get(token, hash)
    if (entry !== undefined || old.size() === 0) return entry
    const older = old.get(token, hash)
    if (older === undefined) return undefined
    old.delete(token)
    set(token, older, hash)
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
      young = createGeneration()
      old = createGeneration()
      youngBytes = 0
    },
    size: () => young.size() + old.size(),
  }
}

interface Generation<Entry> {
  readonly get: (token: string, hash: number) => Entry | undefined
  readonly set: (token: string, entry: Entry, hash: number) => void
  readonly delete: (token: string) => void
  readonly size: () => number
}

interface CachedToken<Entry> {
  readonly token: string
  readonly entry: Entry
}

/**
 * Makes one generation. It finds an entry by the token's hash and returns it only for the complete token.
 * Why: when tokens share a hash, the later ones are stored under their full text and lose only time.
 */
function createGeneration<Entry>(): Generation<Entry> {
  const byHash = new Map<number, CachedToken<Entry>>()
  const collided = new Map<string, Entry>()
  return {
    get: (token, hash) => {
      const kept = byHash.get(hash)
      if (kept === undefined) return undefined
      return kept.token === token ? kept.entry : collided.get(token)
    },
    set: (token, entry, hash) => {
      const kept = byHash.get(hash)
      if (kept === undefined || kept.token === token) byHash.set(hash, { token, entry })
      else collided.set(token, entry)
    },
    delete: (token) => {
      const hash = tokenHash(token)
      if (byHash.get(hash)?.token === token) byHash.delete(hash)
      collided.delete(token)
    },
    size: () => byHash.size + collided.size,
  }
}
