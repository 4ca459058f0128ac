import { pageEntriesMax, type WireEntry } from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import type { DatedEntry, RevocationEntry } from '../store/port/records.ts'
import { partsOf, targetOf } from '../store/port/revocation-target.ts'

/**
 * Renders a stored entry for the feed.
 * Why: it holds only random ids: `jti`, `sid`, `kid` and the opaque ids of clients and users that are also in tokens.
 */
export function renderEntry({ sequence, target, until }: RevocationEntry): WireEntry {
  const { id, belowVersion } = partsOf(target)
  const entry = [sequence, target.kind, id, Math.ceil(until)] as const
  return belowVersion === undefined ? entry : [...entry, Math.floor(belowVersion)]
}

/** Reads an entry of the feed: the reverse of `renderEntry`, without the sequence. */
export function datedEntryOf([, kind, id, until, belowVersion = 0]: WireEntry): DatedEntry {
  return { target: targetOf(kind, { id, belowVersion }), until: until as EpochSeconds }
}

/**
 * Selects the entries of one signed message from a page of the log, and gives the sequence up to which it is complete.
 * Units: `newest` is the last sequence that was committed before the page was read; later entries are left out.
 */
export function cutMessage(
  found: readonly RevocationEntry[],
  newest: number,
): { readonly entries: readonly WireEntry[]; readonly to: number } {
  const entries: WireEntry[] = []
  let bytes = 0
  const upToNewest = found.filter(({ sequence }) => sequence <= newest)
  for (const entry of upToNewest) {
    const rendered = renderEntry(entry)
    bytes += Buffer.byteLength(JSON.stringify(rendered[2])) + entryBytesAround
    if (bytes > entriesBytesMax) break
    entries.push(rendered)
  }
  const isAll = upToNewest.length < pageEntriesMax && entries.length === upToNewest.length
  return { entries, to: isAll ? newest : (entries.at(-1)?.[0] ?? newest) }
}

/** Units: bytes; base64url and the other claims still leave a message below 100 KiB. */
const entriesBytesMax = 72 * 1024
const entryBytesAround = 56
