import type { EpochSeconds } from '@countersign/jwt'
import type { LogHead } from '../store/port/records.ts'
import type { LiveSequences } from './live-sequences.ts'
import { createPageBudget } from './page-budget.ts'
import { hashAt, readPart, type Log, type LogPart, type LogPlace } from './read-log.ts'

/** The position of a follower in the log. */
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
  /** The position of this node in the log. */
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
   * Gives the page for a follower. `busy`: too many pages were made in this second, in all or for this address, or a new
   * epoch began while the page was made.
   */
  readonly page: (at: FeedPosition, address: string) => Promise<FeedPage | 'busy'> | 'busy'
  readonly clear: () => void
}

/**
 * Makes the signed pages of the snapshot, each once for all its readers.
 * Why a stranger causes few: a page begins at a live entry, so the number of different pages is limited by live entries.
 * Guards that start ask for the first page, which has a budget of its own.
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
    // Where ids are long, the overlap alone may fill a page. Then the next page begins behind it.
    return shared.then((made) =>
      made !== 'busy' && made.to <= at.after ? pageFrom(live.upTo(at.after), head, address) : made,
    )
  }

  function pageFrom(
    after: number,
    head: LogHead,
    address: string,
  ): Promise<FeedPage | 'busy'> | 'busy' {
    const period = Math.floor(deps.now() / deps.heartbeatSeconds)
    const name = `${head.epoch}.${after}.${head.sequence}.${period}.${keysFingerprint()}`
    const known = pages.get(name)
    if (known !== undefined) return known
    if (after === 0) return firstPage(name, head)
    return forOthers.take(address) ? make(name, after, head) : 'busy'
  }

  /** Finds where the page for a follower begins. Followers at nearby positions share a page that overlaps their entries. */
  function startOf(at: FeedPosition, { epoch, sequence }: LogHead): number {
    if (at.epoch !== epoch || at.after > sequence) return 0
    if (at.after === sequence) return sequence
    return live.upTo(at.after - (at.after % pageStep))
  }

  /** Gives the newest first page, or beyond the budget the last one made. Why it may: the next page holds later entries. */
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
