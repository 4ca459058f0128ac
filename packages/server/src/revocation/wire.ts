import { pageEntriesMax, type WireEntry } from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import type { RevocationEntry, RevocationTarget } from '../store/port/records.ts'

/**
 * Renders a stored entry as it travels.
 * Why: only random ids leave – `jti`, `sid`, `kid` and the opaque ids of clients and users that are also in tokens.
 */
export function renderEntry(entry: RevocationEntry): WireEntry {
  const { sequence, target } = entry
  const until = Math.ceil(entry.until)
  switch (target.kind) {
    case 'token':
      return [sequence, 'token', target.jti, until]
    case 'sid':
      return [sequence, 'sid', target.sid, until]
    case 'key':
      return [sequence, 'key', target.kid, until]
    case 'client':
      return [sequence, 'client', target.cid, until, target.belowVersion]
    case 'user':
      return [sequence, 'user', target.uid, until, target.belowVersion]
    case 'claims_stale':
      return [sequence, 'claims_stale', target.uid, until, target.belowVersion]
    case 'issuer':
      return [sequence, 'issuer', '', until, Math.floor(target.issuedUpTo)]
  }
}

/** Reads the target out of an entry as it travels: the reverse of `renderEntry`. */
export function targetOf([, kind, id, , number = 0]: WireEntry): RevocationTarget {
  switch (kind) {
    case 'token':
      return { kind, jti: id }
    case 'sid':
      return { kind, sid: id }
    case 'key':
      return { kind, kid: id }
    case 'client':
      return { kind, cid: id, belowVersion: number }
    case 'user':
    case 'claims_stale':
      return { kind, uid: id, belowVersion: number }
    case 'issuer':
      return { kind, issuedUpTo: number as EpochSeconds }
  }
}

/**
 * Cuts the content of one signed message out of a page of the log, and gives the sequence up to which it is complete.
 * Units: `newest` is the sequence known to be committed before the page was read; later entries are left for later.
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
