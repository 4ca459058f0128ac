import type { FeedMessage, WireEntry } from './entries.ts'
import type { LiveIndex } from './live-index.ts'

/** Two readings of time: the wall's may jump, the monotonic one may not. Units: seconds. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/** What became of a verified message. `gap` and `epoch_changed` ask for pages from where `position` stands. */
export type Acceptance = 'applied' | 'partial' | 'repeated' | 'gap' | 'epoch_changed'

/** How far one guard has followed one issuer's log, and how old that knowledge is. */
export interface FeedState {
  readonly accept: (message: FeedMessage, at: Moment) => Acceptance
  /** Takes over what was known in an earlier life, unless something newer is known already. */
  readonly warm: (known: Known) => void
  /** Where the next page starts. */
  readonly position: () => { readonly epoch: string; readonly after: number }
  readonly loaded: () => boolean
  /** Units: seconds since the last message that proved to be fresh; Infinity before the first. */
  readonly ageSeconds: (monotonic: number) => number
  /** A new connection: the next message alone cannot prove freshness under a skewed clock. */
  readonly reconnect: () => void
  readonly keysFingerprint: () => string
  /** The issuer's clock as last heard. */
  readonly issuerTime: () => number
}

/** Units: seconds. How late a message may arrive, clock leeway included, and still count as fresh. */
export const latenessMaxSeconds = 15

/**
 * Units: epochs that ended, as each restore of a backup ends one; seconds without news of a newer one, after which an
 * epoch that ended is followed again.
 */
const epochsKept = 16
const lagSeconds = 60

interface Known {
  readonly epoch: string
  readonly sequence: number
}

/**
 * Follows the log of one issuer: applies what continues it, ignores what was seen, notices gaps and new epochs.
 * Why: freshness is proven by the wall clock, or, where that is skewed or jumped, by two messages of one connection
 * whose times advance together with the monotonic clock; so a replayed or cached message never renews the age.
 * Not checked: signature, `iss`; the reader of messages has done that.
 */
export function createFeedState(index: LiveIndex): FeedState {
  let known: Known | undefined
  let staged: { epoch: string; to: number; entries: WireEntry[] } | undefined
  let ended: readonly string[] = []
  let loaded = false
  let baseline: { iat: number; offset: number } | undefined
  let fresh: { monotonic: number; late: number } | undefined
  let newest = { keys: '', iat: -1 }

  function accept(message: FeedMessage, at: Moment): Acceptance {
    const acceptance = message.epoch === known?.epoch ? follow(known, message) : stage(message, at)
    const complete = acceptance === 'applied' || acceptance === 'repeated'
    const isFresh =
      complete &&
      message.to === message.head &&
      message.to === known?.sequence &&
      noteFresh(message.iat, at)
    // One that is fresh and yet much older was signed after the issuer's clock was set back.
    const setBack = isFresh && newest.iat - message.iat > latenessMaxSeconds
    if (acceptance !== 'gap' && (setBack || message.iat >= newest.iat)) {
      newest = { keys: message.keys, iat: message.iat }
    }
    return acceptance
  }

  function follow(from: Known, message: FeedMessage): Acceptance {
    staged = undefined
    if (message.after > from.sequence) return 'gap'
    if (message.to <= from.sequence) {
      loaded ||= message.to === message.head && message.to === from.sequence
      return 'repeated'
    }
    index.apply(message.entries)
    known = { epoch: from.epoch, sequence: message.to }
    if (message.to === message.head) loaded = true
    return message.to === message.head ? 'applied' : 'partial'
  }

  function stage(message: FeedMessage, at: Moment): Acceptance {
    // Pages begin in steps, so one may repeat the end of the page before it.
    const continues =
      staged?.epoch === message.epoch && message.after > 0 && message.after <= staged.to
    // A node that has not heard of the newer epoch yet would make us forget what that took back.
    if (ended.includes(message.epoch) && ageSeconds(at.monotonic) < lagSeconds) return 'gap'
    if (message.after !== 0 && !continues) return 'epoch_changed'
    // Into one list: a copy for each page makes a large snapshot a matter of minutes.
    const entries = continues && staged !== undefined ? staged.entries : []
    for (const entry of message.entries) entries.push(entry)
    staged = { epoch: message.epoch, to: message.to, entries }
    if (message.to !== message.head) return 'partial'
    index.replace(entries)
    if (known !== undefined) ended = [...ended, known.epoch].slice(-epochsKept)
    known = { epoch: message.epoch, sequence: message.to }
    staged = undefined
    loaded = true
    return 'applied'
  }

  /** Renews the age by a message that proves to be fresh; tells whether it did. */
  function noteFresh(iat: number, at: Moment): boolean {
    const offset = at.monotonic - iat
    const late = at.wall - iat
    const inStep =
      baseline !== undefined && iat > baseline.iat ? offset - baseline.offset : Infinity
    const lateness = Math.abs(late) <= latenessMaxSeconds ? late : inStep
    const isFresh = lateness <= latenessMaxSeconds
    if (isFresh) renew(at.monotonic, Math.max(0, lateness))
    if (baseline === undefined) baseline = { iat, offset }
    else if (iat > baseline.iat) baseline = { iat, offset: Math.min(offset, baseline.offset) }
    return isFresh
  }

  function renew(monotonic: number, late: number): void {
    if (fresh === undefined || monotonic - late > fresh.monotonic - fresh.late)
      fresh = { monotonic, late }
  }

  function ageSeconds(monotonic: number): number {
    if (fresh === undefined || !loaded) return Infinity
    return Math.max(0, monotonic - fresh.monotonic + fresh.late)
  }

  return {
    accept,
    warm: (earlier) => {
      known ??= earlier
    },
    position: () =>
      staged !== undefined
        ? { epoch: staged.epoch, after: staged.to }
        : { epoch: known?.epoch ?? '', after: known?.sequence ?? 0 },
    loaded: () => loaded,
    ageSeconds,
    reconnect: () => {
      baseline = undefined
    },
    keysFingerprint: () => newest.keys,
    issuerTime: () => newest.iat,
  }
}
