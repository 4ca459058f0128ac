import { ok, refuse, type Result } from '@countersign/jwt'
import type { EntryKind, WireEntry } from '../policy/revocation-entry.ts'

export type { EntryKind, WireEntry } from '../policy/revocation-entry.ts'

const entryKinds: ReadonlySet<unknown> = new Set<EntryKind>([
  'token',
  'sid',
  'client',
  'user',
  'claims_stale',
  'key',
  'issuer',
])

/** One signed message of the feed. It has every live entry with a sequence in (`after`, `to`]. */
export interface FeedMessage {
  readonly iss: string
  readonly iat: number
  readonly epoch: string
  readonly after: number
  readonly to: number
  /** The newest sequence at the signed time. More pages follow while `to` is below it. */
  readonly head: number
  /** A fingerprint of the issuer's key set. If it changes, keys should be fetched now. */
  readonly keys: string
  readonly entries: readonly WireEntry[]
  /** The log's chain hash at `after`. Empty if the issuer states none. */
  readonly afterHash: string
  /** The log's chain hash at `to`. Empty if the message ends inside a batch, or the issuer states none. */
  readonly toHash: string
  /** When this epoch began; 0 for the first one. Units: epoch seconds. */
  readonly epochStart: number
}

/** The `typ` of the feed's messages. No other token of the issuer has one of these. */
export const feedTypes = {
  page: 'revocation-page+jwt',
  event: 'revocation-event+jwt',
} as const

/** Units: entries of one page. */
export const pageEntriesMax = 1000
/** Units: bytes of a signed message. */
export const messageBytesMax = 100 * 1024

/** Units: letters. */
const nameLengthMax = 128
const idLengthMax = 1024
const kindsWithVersion: ReadonlySet<EntryKind> = new Set([
  'client',
  'user',
  'claims_stale',
  'issuer',
])

/**
 * Parses the claims of a message with a proven signature.
 * Refuses: `feed_malformed` for every other form, and for sequences out of order.
 * Source: our own format (docs/revocation.md).
 */
export function parseFeedMessage(
  claims: unknown,
): Result<FeedMessage, { reason: 'feed_malformed' }> {
  if (typeof claims !== 'object' || claims === null) return malformed
  const { iss, iat, epoch, after, to, head, keys, entries } = claims as Record<string, unknown>
  const { afterHash = '', toHash = '', epochStart = 0 } = claims as Record<string, unknown>
  if (!isText(iss, 2048) || !isText(epoch, nameLengthMax) || !isText(keys, nameLengthMax))
    return malformed
  if (!isCount(iat) || !isCount(after) || !isCount(to) || !isCount(head)) return malformed
  if (!isHash(afterHash) || !isHash(toHash) || !isCount(epochStart)) return malformed
  if (after > to || to > head || !Array.isArray(entries) || entries.length > pageEntriesMax) {
    return malformed
  }
  let last = after
  for (const entry of entries as unknown[]) {
    if (!isWireEntry(entry) || entry[0] <= last || entry[0] > to) return malformed
    last = entry[0]
  }
  const history = { afterHash, toHash, epochStart }
  return ok({ iss, iat, epoch, after, to, head, keys, entries: entries as WireEntry[], ...history })
}

const malformed = refuse({ reason: 'feed_malformed' } as const)

/** Whether a value is an entry in its wire form. */
export function isWireEntry(entry: unknown): entry is WireEntry {
  if (!Array.isArray(entry)) return false
  const [sequence, kind, id, until, belowVersion] = entry as unknown[]
  if (!isCount(sequence) || !isCount(until) || typeof id !== 'string' || id.length > idLengthMax)
    return false
  if (!entryKinds.has(kind)) return false
  if (kindsWithVersion.has(kind as EntryKind)) return entry.length === 5 && isCount(belowVersion)
  return entry.length === 4 && id.length > 0
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= lengthMax
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && value.length <= nameLengthMax
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
