import type { ChainHash } from '../policy/revocation-policy.ts'
import type { FeedMessage } from './entries.ts'

/** Units: pairs of sequence and hash in memory. */
const hashesMax = 4096

/** Whether a message states another hash than the known one at its begin or its end. */
export function contradicts(hashes: readonly ChainHash[], message: FeedMessage): boolean {
  const { after, afterHash, to, toHash } = message
  return differs(hashAt(hashes, after), afterHash) || differs(hashAt(hashes, to), toHash)
}

function differs(known: string | undefined, stated: string): boolean {
  return known !== undefined && stated !== '' && known !== stated
}

function hashAt(hashes: readonly ChainHash[], sequence: number): string | undefined {
  let low = 0
  let high = hashes.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [at, hash] = hashes[middle] ?? [0, '']
    if (at === sequence) return hash
    if (at < sequence) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

/** Adds the hash of a newer sequence and drops the oldest beyond the limit. */
export function withHash(
  hashes: readonly ChainHash[],
  sequence: number,
  hash: string,
): readonly ChainHash[] {
  if (hash === '' || sequence <= (hashes.at(-1)?.[0] ?? 0)) return hashes
  const next: ChainHash[] = [...hashes, [sequence, hash]]
  return next.length > hashesMax ? next.slice(-hashesMax) : next
}
