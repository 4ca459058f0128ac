import type { ChainHash, RevocationSnapshot } from '../policy/revocation-policy.ts'
import { contradicts, withHash } from './chain-hashes.ts'
import type { FeedMessage } from './entries.ts'
import type { Moment } from '../policy/moment.ts'
import {
  ageSeconds,
  latenessMaxSeconds,
  neverFresh,
  judgeFreshness,
  type Freshness,
} from './freshness.ts'
import type { EntryEffect } from './known-entries.ts'

/** A guard's position in one issuer's log. Plain data, without the entries. */
export interface FeedLog {
  readonly known: Known | undefined
  /** An incomplete snapshot. */
  readonly staged: { readonly epoch: string; readonly to: number } | undefined
  /** The newest chain hashes of the known epoch, in order. Before an epoch is known, those of the staged one. */
  readonly hashes: readonly ChainHash[]
  readonly stagedHashes: readonly ChainHash[]
  /** Names of ended epochs. */
  readonly ended: readonly string[]
  /** Whether the head was reached since the start, or since the last rollback. */
  readonly isLoaded: boolean
  /** Whether the entries of the last message did not fit. */
  readonly isFull: boolean
  /** The monotonic moment at which a lower head was first seen. */
  readonly lagSince: number | undefined
  readonly freshness: Freshness
  /** The newest fingerprint of the issuer's keys, and its signed time. */
  readonly newest: { readonly keys: string; readonly iat: number }
}

interface Known {
  readonly epoch: string
  /** The signed start. Undefined if a snapshot of an older release does not say it. Units: epoch seconds. */
  readonly epochStart: number | undefined
  readonly sequence: number
}

/**
 * The outcome for one verified message. All except the first three require pages from the new position; `full` requires
 * them later.
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
  readonly entriesFree: number
  readonly leewaySeconds: number
}

/** Units: seconds. A lower head counts as lag of a node for this time, and a node may still name an ended epoch. */
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
 * Decides about one verified message: it continues the log, repeats it, leaves a gap, begins another epoch, or shows a
 * rollback of the issuer's database. Pure.
 * Not checked: signature and `iss`, which the reader of messages has verified.
 * Why: a lower head is lag of a node for 60 seconds. Another hash at a known sequence is a rollback at once. Entries of
 * the old history stay in force for the tokens that they can concern.
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
  return updateFreshness(step, message, now)
}

function followEpoch(
  log: FeedLog,
  known: Known,
  message: FeedMessage,
  now: Moment,
  { entriesFree, leewaySeconds }: FeedLogLimits,
): FeedLogStep {
  const { after, to, head, entries } = message
  if (contradicts(log.hashes, message) && message.iat >= log.newest.iat - lagSeconds)
    return rollBack(log, known, message, leewaySeconds)
  const isLower = head < known.sequence && message.iat >= log.newest.iat
  if (isLower && log.lagSince !== undefined && now.monotonic - log.lagSince >= lagSeconds)
    return rollBack(log, known, message, leewaySeconds)
  const lagSince =
    head >= known.sequence ? undefined : isLower ? (log.lagSince ?? now.monotonic) : log.lagSince
  const current: FeedLog = { ...log, staged: undefined, stagedHashes: [], lagSince }
  const unstage: EntryEffect[] = log.staged === undefined ? [] : [{ do: 'unstage' }]
  if (after > known.sequence) return { log: current, acceptance: 'gap', effects: unstage }
  const unseen = entries.filter(([sequence]) => sequence > known.sequence)
  if (unseen.length > entriesFree)
    return { log: markFull(current), acceptance: 'full', effects: unstage }
  // Seen entries are applied again if they fit: the issuer signed them, so their sequence does not matter.
  const fitting = entries.length > entriesFree ? unseen : entries
  const apply: EntryEffect[] = fitting.length === 0 ? [] : [{ do: 'apply', entries: fitting }]
  const effects = [...unstage, ...apply]
  const isHead = to === head
  if (to <= known.sequence) {
    const isAtHead = isHead && to === known.sequence
    const hashes = isAtHead ? withHash(log.hashes, to, message.toHash) : log.hashes
    const isLoaded = log.isLoaded || isAtHead
    const isFull = log.isFull && !isAtHead
    return { log: { ...current, hashes, isLoaded, isFull }, acceptance: 'repeated', effects }
  }
  const hashes = withHash(
    withHash(log.hashes, after === known.sequence ? after : -1, message.afterHash),
    to,
    message.toHash,
  )
  const next: FeedLog = {
    ...current,
    known: { ...known, sequence: to },
    hashes,
    isLoaded: log.isLoaded || isHead,
    isFull: false,
  }
  return { log: next, acceptance: isHead ? 'applied' : 'partial', effects }
}

/** Ends a history that the issuer no longer has, and reads its log from the beginning. */
function rollBack(
  log: FeedLog,
  { epoch, epochStart }: Known,
  message: FeedMessage,
  leewaySeconds: number,
): FeedLogStep {
  const issuedUpTo = Math.max(epochStart ?? 0, message.iat) + leewaySeconds
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
  { entriesFree, leewaySeconds }: FeedLogLimits,
): FeedLogStep {
  const { epoch, after, to, head, entries } = message
  const { staged } = log
  // A node that does not know the newer epoch yet must not bring the old one back. Its entries still count.
  if (log.ended.includes(epoch) && knowledgeAge(log, now) < lagSeconds) {
    const issuedUpTo = message.iat + leewaySeconds
    const effects: EntryEffect[] =
      entries.length === 0 || entries.length > entriesFree
        ? []
        : [{ do: 'applyEnded', epoch, issuedUpTo, entries }]
    return { log, acceptance: 'gap', effects }
  }
  const isSame = staged?.epoch === epoch && after > 0 && after <= staged.to
  // Pages begin at fixed steps, so one may repeat the end of the page before it.
  const continues = isSame && !contradicts(log.stagedHashes, message)
  if (after !== 0 && !continues) {
    const dropped: FeedLog = { ...log, staged: undefined, stagedHashes: [] }
    const effects: EntryEffect[] = staged === undefined ? [] : [{ do: 'unstage' }]
    return isSame || log.known === undefined
      ? { log: dropped, acceptance: 'epoch_changed', effects }
      : { log, acceptance: 'epoch_changed', effects: [] }
  }
  if (entries.length > entriesFree) return { log: markFull(log), acceptance: 'full', effects: [] }
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

/**
 * Ends the known epoch at the signed start of the next one, or at the time of the message if none is stated.
 * Why: an epoch that began before the known one is an older history. Its start says nothing about the known entries.
 */
function endKnown(
  { known, ended }: FeedLog,
  message: FeedMessage,
  leewaySeconds: number,
): readonly EntryEffect[] {
  if (known === undefined) return []
  const { epochStart } = message
  const isStated =
    known.epochStart !== undefined &&
    epochStart > 0 &&
    epochStart >= known.epochStart &&
    !ended.includes(message.epoch)
  const issuedUpTo = (isStated ? epochStart : message.iat) + leewaySeconds
  return [{ do: 'endEpoch', epoch: known.epoch, issuedUpTo }]
}

function endedWith({ known, ended }: FeedLog, next: string): readonly string[] {
  const others = ended.filter((epoch) => epoch !== next)
  return (known === undefined ? others : [...others, known.epoch]).slice(-endedMax)
}

/** Renews the age and the fingerprint of keys if the message is new. */
function updateFreshness(step: FeedLogStep, message: FeedMessage, now: Moment): FeedLogStep {
  const { log, acceptance } = step
  if (acceptance === 'gap' || acceptance === 'full') return step
  const isHead = message.to === message.head && message.to === log.known?.sequence
  const isWhole = (acceptance === 'applied' || acceptance === 'repeated') && isHead
  const judged = isWhole
    ? judgeFreshness(log.freshness, message.iat, now)
    : { freshness: log.freshness, isFresh: false }
  // If a fresh message is much older than the newest, the issuer's clock was set back.
  const wasSetBack = judged.isFresh && log.newest.iat - message.iat > latenessMaxSeconds
  const newest =
    wasSetBack || message.iat >= log.newest.iat
      ? { keys: message.keys, iat: message.iat }
      : log.newest
  return { ...step, log: { ...log, freshness: judged.freshness, newest } }
}

/** Makes the log of an earlier start. It counts as stale until the issuer confirms it. */
export function logOf({ epoch, epochStart, sequence, hashes = [] }: RevocationSnapshot): FeedLog {
  const known = epoch === '' ? undefined : { epoch, epochStart, sequence }
  return { ...emptyLog, known, hashes }
}

/** Returns the position of the next page. */
export function positionOf({ staged, known }: FeedLog): {
  readonly epoch: string
  readonly after: number
} {
  if (staged !== undefined) return { epoch: staged.epoch, after: staged.to }
  return { epoch: known?.epoch ?? '', after: known?.sequence ?? 0 }
}

/** Returns the seconds since the log was surely read up to its head; Infinity before that. */
export function knowledgeAge({ freshness, isLoaded, isFull }: FeedLog, now: Moment): number {
  return isLoaded && !isFull ? ageSeconds(freshness, now) : Infinity
}

function markFull(log: FeedLog): FeedLog {
  return { ...log, isFull: true }
}
