import type { ChainHash, RevocationSnapshot } from '../policy/revocation-policy.ts'
import { contradicts, withHash } from './chain-hashes.ts'
import type { FeedMessage } from './entries.ts'
import type { Moment } from '../policy/moment.ts'
import {
  ageSeconds,
  latenessMaxSeconds,
  neverFresh,
  noteSigned,
  type Freshness,
} from './freshness.ts'
import type { EntryEffect } from './known-entries.ts'

/** How far one guard has followed one issuer's log. Plain data; the entries themselves are kept elsewhere. */
export interface FeedLog {
  readonly known: Known | undefined
  /** A snapshot that is not whole yet. */
  readonly staged: { readonly epoch: string; readonly to: number } | undefined
  /** The newest chain hashes of the known epoch, or of the staged one while nothing is known; in order. */
  readonly hashes: readonly ChainHash[]
  readonly stagedHashes: readonly ChainHash[]
  /** Names of epochs that have ended. */
  readonly ended: readonly string[]
  /** Whether the head was reached since the start, or since the last rollback. */
  readonly isLoaded: boolean
  /** Whether the last message did not fit. */
  readonly isFull: boolean
  /** The monotonic moment at which a lower head was first seen. */
  readonly lagSince: number | undefined
  readonly freshness: Freshness
  /** The newest fingerprint of the issuer's keys, and the issuer's clock at it. */
  readonly newest: { readonly keys: string; readonly iat: number }
}

interface Known {
  readonly epoch: string
  readonly epochStart: number
  readonly sequence: number
}

/**
 * The outcome for one verified message. All but the first three ask for pages from the position that follows, and
 * `full` asks for them later.
 */
export type Acceptance =
  | 'applied'
  | 'partial'
  | 'repeated'
  | 'gap'
  | 'epoch_changed'
  | 'rolled_back'
  | 'full'

export interface FeedLogStep {
  readonly log: FeedLog
  readonly acceptance: Acceptance
  readonly effects: readonly EntryEffect[]
}

/** Units: entries that still fit; seconds. */
export interface FeedLogLimits {
  readonly room: number
  readonly leewaySeconds: number
}

/** Units: seconds that a lower head counts as lag of a node, and as long an ended epoch may still be heard of. */
const lagSeconds = 60
/** Units: names. */
const endedMax = 16

export const emptyLog: FeedLog = {
  known: undefined,
  staged: undefined,
  hashes: [],
  stagedHashes: [],
  ended: [],
  isLoaded: false,
  isFull: false,
  lagSince: undefined,
  freshness: neverFresh,
  newest: { keys: '', iat: -1 },
}

/**
 * Decides about one verified message: it continues the log, repeats it, leaves a gap, begins another epoch, or shows that
 * the issuer's database went back. Pure.
 * Why: a lower head is lag of a node for 60 seconds. Another hash at a known sequence is a rollback at once. Entries of a
 * history that was left stay in force for the tokens that they can concern.
 * Not checked: signature, `iss`; the reader of messages has done that.
 */
export function stepFeedLog(
  log: FeedLog,
  message: FeedMessage,
  now: Moment,
  limits: FeedLogLimits,
): FeedLogStep {
  const step =
    log.known?.epoch === message.epoch
      ? followEpoch(log, log.known, message, now, limits)
      : stageEpoch(log, message, now, limits)
  return noteMessage(step, message, now)
}

function followEpoch(
  log: FeedLog,
  known: Known,
  message: FeedMessage,
  now: Moment,
  { room, leewaySeconds }: FeedLogLimits,
): FeedLogStep {
  const { after, to, head, entries } = message
  if (contradicts(log.hashes, message) && message.iat >= log.newest.iat - lagSeconds)
    return rollBack(log, known, message, leewaySeconds)
  const isLower = head < known.sequence && message.iat >= log.newest.iat
  if (isLower && log.lagSince !== undefined && now.monotonic - log.lagSince >= lagSeconds)
    return rollBack(log, known, message, leewaySeconds)
  const lagSince =
    head >= known.sequence ? undefined : isLower ? (log.lagSince ?? now.monotonic) : log.lagSince
  const heard: FeedLog = { ...log, staged: undefined, stagedHashes: [], lagSince }
  const unstage: EntryEffect[] = log.staged === undefined ? [] : [{ do: 'unstage' }]
  if (after > known.sequence) return { log: heard, acceptance: 'gap', effects: unstage }
  const unseen = entries.filter(([sequence]) => sequence > known.sequence)
  if (unseen.length > room) return { log: full(heard), acceptance: 'full', effects: unstage }
  // Entries that were seen are applied again where they fit: the issuer signed them, whatever its sequence says.
  const fitting = entries.length > room ? unseen : entries
  const apply: EntryEffect[] = fitting.length === 0 ? [] : [{ do: 'apply', entries: fitting }]
  const effects = [...unstage, ...apply]
  const isHead = to === head
  if (to <= known.sequence) {
    const isAtHead = isHead && to === known.sequence
    const hashes = isAtHead ? withHash(log.hashes, to, message.toHash) : log.hashes
    const isLoaded = log.isLoaded || isAtHead
    const isFull = log.isFull && !isAtHead
    return { log: { ...heard, hashes, isLoaded, isFull }, acceptance: 'repeated', effects }
  }
  const hashes = withHash(
    withHash(log.hashes, after === known.sequence ? after : -1, message.afterHash),
    to,
    message.toHash,
  )
  const next: FeedLog = {
    ...heard,
    known: { ...known, sequence: to },
    hashes,
    isLoaded: log.isLoaded || isHead,
    isFull: false,
  }
  return { log: next, acceptance: isHead ? 'applied' : 'partial', effects }
}

/** Leaves a history that the issuer no longer has, and reads its log from the beginning. */
function rollBack(
  log: FeedLog,
  { epoch, epochStart }: Known,
  message: FeedMessage,
  leewaySeconds: number,
): FeedLogStep {
  const issuedUpTo = Math.max(epochStart, message.iat) + leewaySeconds
  const next: FeedLog = {
    ...log,
    known: undefined,
    staged: undefined,
    hashes: [],
    stagedHashes: [],
    isLoaded: false,
    lagSince: undefined,
  }
  const effects: EntryEffect[] = [{ do: 'unstage' }, { do: 'endEpoch', epoch, issuedUpTo }]
  return { log: next, acceptance: 'rolled_back', effects }
}

function stageEpoch(
  log: FeedLog,
  message: FeedMessage,
  now: Moment,
  { room, leewaySeconds }: FeedLogLimits,
): FeedLogStep {
  const { epoch, after, to, head, entries } = message
  const { staged } = log
  // A node that has not heard of the newer epoch yet must not lead back. Its entries count all the same.
  if (log.ended.includes(epoch) && knowledgeAge(log, now) < lagSeconds) {
    const issuedUpTo = message.iat + leewaySeconds
    const effects: EntryEffect[] =
      entries.length === 0 || entries.length > room
        ? []
        : [{ do: 'applyEnded', epoch, issuedUpTo, entries }]
    return { log, acceptance: 'gap', effects }
  }
  const isSame = staged?.epoch === epoch && after > 0 && after <= staged.to
  // Pages begin in steps, so one may repeat the end of the page before it.
  const continues = isSame && !contradicts(log.stagedHashes, message)
  if (after !== 0 && !continues) {
    const dropped: FeedLog = { ...log, staged: undefined, stagedHashes: [] }
    const effects: EntryEffect[] = staged === undefined ? [] : [{ do: 'unstage' }]
    return isSame || log.known === undefined
      ? { log: dropped, acceptance: 'epoch_changed', effects }
      : { log, acceptance: 'epoch_changed', effects: [] }
  }
  if (entries.length > room) return { log: full(log), acceptance: 'full', effects: [] }
  const stage: EntryEffect = { do: 'stage', entries, isFirst: !continues }
  const stagedHashes = withHash(continues ? log.stagedHashes : [], to, message.toHash)
  if (to !== head)
    return {
      log: { ...log, staged: { epoch, to }, stagedHashes },
      acceptance: 'partial',
      effects: [stage],
    }
  return {
    log: {
      ...log,
      known: { epoch, epochStart: message.epochStart, sequence: to },
      staged: undefined,
      hashes: stagedHashes,
      stagedHashes: [],
      ended: endedWith(log, epoch),
      isLoaded: true,
      isFull: false,
      lagSince: undefined,
    },
    acceptance: 'applied',
    effects: [stage, ...endKnown(log, message, leewaySeconds), { do: 'adopt' }],
  }
}

/** Ends the known epoch at the signed start of the next one; at the time of the message where none is stated. */
function endKnown(
  { known, ended }: FeedLog,
  message: FeedMessage,
  leewaySeconds: number,
): readonly EntryEffect[] {
  if (known === undefined) return []
  const { epochStart } = message
  const isStated =
    epochStart > 0 && epochStart >= known.epochStart && !ended.includes(message.epoch)
  const issuedUpTo = (isStated ? epochStart : message.iat) + leewaySeconds
  return [{ do: 'endEpoch', epoch: known.epoch, issuedUpTo }]
}

function endedWith({ known, ended }: FeedLog, next: string): readonly string[] {
  const others = ended.filter((epoch) => epoch !== next)
  return (known === undefined ? others : [...others, known.epoch]).slice(-endedMax)
}

/** Renews the age and the fingerprint of keys by a message that proves to be new. */
function noteMessage(step: FeedLogStep, message: FeedMessage, now: Moment): FeedLogStep {
  const { log, acceptance } = step
  if (acceptance === 'gap' || acceptance === 'full') return step
  const isHead = message.to === message.head && message.to === log.known?.sequence
  const isWhole = (acceptance === 'applied' || acceptance === 'repeated') && isHead
  const noted = isWhole
    ? noteSigned(log.freshness, message.iat, now)
    : { freshness: log.freshness, isFresh: false }
  // A fresh message that is much older than the newest was signed after the issuer's clock was set back.
  const wasSetBack = noted.isFresh && log.newest.iat - message.iat > latenessMaxSeconds
  const newest =
    wasSetBack || message.iat >= log.newest.iat
      ? { keys: message.keys, iat: message.iat }
      : log.newest
  return { ...step, log: { ...log, freshness: noted.freshness, newest } }
}

/** The log as an earlier start knew it. It counts as stale until the issuer confirms it. */
export function logOf({ epoch, sequence, hashes = [] }: RevocationSnapshot): FeedLog {
  const known = epoch === '' ? undefined : { epoch, epochStart: 0, sequence }
  return { ...emptyLog, known, hashes }
}

/** The start of the next page. */
export function positionOf({ staged, known }: FeedLog): {
  readonly epoch: string
  readonly after: number
} {
  if (staged !== undefined) return { epoch: staged.epoch, after: staged.to }
  return { epoch: known?.epoch ?? '', after: known?.sequence ?? 0 }
}

/** Units: seconds since the log was proven to be followed to its head; Infinity while it is not. */
export function knowledgeAge({ freshness, isLoaded, isFull }: FeedLog, now: Moment): number {
  return isLoaded && !isFull ? ageSeconds(freshness, now) : Infinity
}

function full(log: FeedLog): FeedLog {
  return { ...log, isFull: true }
}
