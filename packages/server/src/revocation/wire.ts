import { pageEntriesMax, type WireEntry } from '@countersign/guard/revocations'
import type { RevocationEntry } from '../store/port/records.ts'

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

/**
 * Cuts what one signed message may hold from a look into the log, and says up to where it then tells all.
 * Units: `newest` is the sequence known to be committed before the look.
 */
export function cutMessage(
  found: readonly RevocationEntry[],
  newest: number,
): { readonly entries: readonly WireEntry[]; readonly to: number } {
  const entries: WireEntry[] = []
  let bytes = 0
  for (const entry of found) {
    const rendered = renderEntry(entry)
    bytes += rendered[2].length + entryBytesAround
    if (bytes > entriesBytesMax) break
    entries.push(rendered)
  }
  const last = entries.at(-1)?.[0] ?? 0
  const whole = entries.length === found.length && found.length < pageEntriesMax
  return { entries, to: whole ? Math.max(newest, last) : last }
}

/** Units: bytes; base64url and the other claims still leave a message below 100 KiB. */
const entriesBytesMax = 72 * 1024
const entryBytesAround = 56
