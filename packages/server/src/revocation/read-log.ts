import { pageEntriesMax, type WireEntry } from '@countersign/guard/revocations'
import type { LogLink } from '../store/port/records.ts'
import type { RevocationVerbs } from '../store/port/revocation-verbs.ts'
import { cutMessage } from './wire.ts'

/** A position in the log, and the hash of the chain there; the hash is empty where it is not known. */
export type LogPlace = LogLink

/** All live entries from one position up to another. */
export interface LogPart {
  readonly entries: readonly WireEntry[]
  readonly to: LogPlace
}

/** The verbs that the reading of a message needs. */
export type Log = Pick<RevocationVerbs, 'page' | 'linkUpTo'>

/**
 * Reads the entries of one signed message, which follow `after`. They end where a committed batch ends. Inside a batch
 * that is larger than a message the hash is empty.
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

/** Gives the hash of the chain at a sequence; empty where no batch ends there, or the hash is no longer kept. */
export async function hashAt(log: Log, sequence: number, newest: LogPlace): Promise<string> {
  if (sequence === 0) return ''
  if (sequence === newest.sequence) return newest.hash
  const link = await log.linkUpTo(sequence)
  return link?.sequence === sequence ? link.hash : ''
}
