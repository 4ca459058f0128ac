import type { EpochSeconds } from '@countersign/jwt'
import type { LogHead } from '../store/port/records.ts'
import type { LiveSequences } from './live-sequences.ts'
import { createPageBudget } from './page-budget.ts'
import { hashAt, readPart, type Log, type LogPart, type LogPlace } from './read-log.ts'

/** How far a follower has come. */
export interface FeedPosition {
  readonly epoch: string
  readonly after: number
}

/** One signed page of the snapshot. */
export interface FeedPage {
  readonly token: string
  readonly etag: string
  /** The sequence up to which it is complete. */
  readonly to: number
}

export interface PagesDeps {
  readonly log: Log
  /** Where this node stands in the log. */
  readonly head: () => LogHead
  readonly live: Pick<LiveSequences, 'upTo'>
  readonly sign: (after: LogPlace, part: LogPart, newest: number) => string
  readonly keysFingerprint: () => string
  readonly now: () => EpochSeconds
  readonly heartbeatSeconds: number
  readonly perSecond?: number | undefined
  readonly perAddress?: number | undefined
}

export interface Pages {
  /**
   * Gives the page for a follower. `busy`: so many different pages were made in this second, in all or for this address,
   * or the page was being made when a new epoch began.
   */
  readonly page: (at: FeedPosition, address: string) => Promise<FeedPage | 'busy'> | 'busy'
  readonly clear: () => void
}

/**
 * Makes the signed pages of the snapshot, each once for all who ask for it.
 * Why a stranger causes few: a page begins at a live entry, so there are no more pages than steps of live entries. Guards
 * that start ask for the first page, which has a budget of its own.
 */
export function createPages(deps: PagesDeps): Pages {
  const { log, live, keysFingerprint } = deps
  const second = () => Math.floor(deps.now())
  const { perSecond = pagesPerSecond, perAddress = pagesPerAddress } = deps
  const forFirst = createPageBudget(second, perSecond, perSecond)
  const forOthers = createPageBudget(second, perSecond, perAddress)
  const pages = new Map<string, Promise<FeedPage | 'busy'>>()
  let first: { readonly epoch: string; readonly made: Promise<FeedPage | 'busy'> } | undefined

  function page(at: FeedPosition, address: string): Promise<FeedPage | 'busy'> | 'busy' {
    const head = deps.head()
    const shared = pageFrom(startOf(at, head), head, address)
    if (shared === 'busy' || at.epoch !== head.epoch || at.after >= head.sequence) return shared
    // Entries with long ids: the overlap alone may fill a page.
    return shared.then((made) =>
      made !== 'busy' && made.to <= at.after ? pageFrom(live.upTo(at.after), head, address) : made,
    )
  }

  function pageFrom(
    after: number,
    head: LogHead,
    address: string,
  ): Promise<FeedPage | 'busy'> | 'busy' {
    const beatNumber = Math.floor(deps.now() / deps.heartbeatSeconds)
    const name = `${head.epoch}.${after}.${head.sequence}.${beatNumber}.${keysFingerprint()}`
    const known = pages.get(name)
    if (known !== undefined) return known
    if (after === 0) return firstPage(name, head)
    return forOthers.take(address) ? make(name, after, head) : 'busy'
  }

  /** A follower that is a little behind gets an overlap, which a page has room for. */
  function startOf(at: FeedPosition, { epoch, sequence }: LogHead): number {
    if (at.epoch !== epoch || at.after > sequence) return 0
    if (at.after === sequence) return sequence
    return live.upTo(at.after - (at.after % pageStep))
  }

  /** The newest first page, or beyond the budget the last one: it is true, and the next page holds what came since. */
  function firstPage(name: string, head: LogHead): Promise<FeedPage | 'busy'> {
    if (first?.epoch === head.epoch && !forFirst.take('')) return first.made
    const made = make(name, 0, head)
    first = { epoch: head.epoch, made }
    made.catch(() => (first = undefined))
    return made
  }

  function make(name: string, after: number, head: LogHead): Promise<FeedPage | 'busy'> {
    const made = build(name, after, head)
    if (pages.size >= pagesKept) pages.clear()
    pages.set(name, made)
    made.catch(() => pages.delete(name))
    return made
  }

  async function build(
    name: string,
    sequence: number,
    newest: LogHead,
  ): Promise<FeedPage | 'busy'> {
    const part = await readPart(log, sequence, newest)
    const after = { sequence, hash: await hashAt(log, sequence, newest) }
    if (deps.head().epoch !== newest.epoch) return 'busy'
    const token = deps.sign(after, part, newest.sequence)
    return { token, etag: `"${name}"`, to: part.to.sequence }
  }

  return {
    page,
    clear() {
      pages.clear()
      first = undefined
    },
  }
}

/** Units: signed pages kept; each is at most 100 KiB. */
const pagesKept = 256
/** Units: sequences; fewer than the entries that any page can hold. */
const pageStep = 256
const pagesPerSecond = 40
const pagesPerAddress = 20
