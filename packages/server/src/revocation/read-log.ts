import { pageEntriesMax, type WireEntry } from '@countersign/guard/revocations'
import type { LogLink } from '../store/port/records.ts'
import type { RevocationVerbs } from '../store/port/revocation-verbs.ts'
import { cutMessage } from './wire.ts'

/** Where a reader stands in the log, and the chain's hash there; empty where it is not known. */
export type LogPlace = LogLink

/** All live entries behind one place, up to another. */
export interface LogPart {
  readonly entries: readonly WireEntry[]
  readonly to: LogPlace
}

/** The reads that a message needs. */
export type Log = Pick<RevocationVerbs, 'page' | 'linkUpTo'>

/**
 * Reads what one signed message holds of the log behind `after`. It ends where a committed batch ends, unless that batch
 * alone is larger than a message; its hash is empty then.
 * Units: `newest` is the head that was read before.
 */
export async function readPart(log: Log, after: number, newest: LogPlace): Promise<LogPart> {
  const { entries, to } = cutMessage(await log.page(after, pageEntriesMax), newest.sequence)
  if (to === newest.sequence) return { entries, to: { sequence: to, hash: newest.hash } }
  const link = await log.linkUpTo(to)
  if (link === undefined || link.sequence <= after)
    return { entries, to: { sequence: to, hash: '' } }
  return { entries: entries.filter(([sequence]) => sequence <= link.sequence), to: link }
}

/** The chain's hash at a sequence; empty where no batch ends there, or none is remembered. */
export async function hashAt(log: Log, sequence: number, newest: LogPlace): Promise<string> {
  if (sequence === 0) return ''
  if (sequence === newest.sequence) return newest.hash
  const link = await log.linkUpTo(sequence)
  return link?.sequence === sequence ? link.hash : ''
}
