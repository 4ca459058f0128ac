import type { EpochSeconds } from '@countersign/jwt'
import {
  feedTypes,
  pageEntriesMax,
  type LiveIndex,
  type WireEntry,
} from '@countersign/guard/revocations'
import { oneLook } from '../one-look.ts'
import { clockStepSecondsMax } from '../store/port/clock.ts'
import type { LogHead } from '../store/port/records.ts'
import type { Store } from '../store/port/store.ts'
import { createFollowers } from './followers.ts'
import { createRecentEvents, type SignedEvent } from './recent-events.ts'
import { createLogHistory } from './log-history.ts'
import { hashAt, readPart, type LogPart, type LogPlace } from './read-log.ts'
import { renderEntry } from './wire.ts'

export interface FeedDeps {
  readonly store: Pick<Store, 'revocations' | 'changes'>
  readonly issuer: string
  /** Signs claims with the feed key, which signs nothing else. */
  readonly sign: (claims: object, typ: string) => string
  /** Changes when the published key set changes. */
  readonly keysFingerprint: () => string
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  /** What the service's own guard asks; kept in step with the log by this feed. */
  readonly index: LiveIndex
  /** Told of a fault while reading the log; the next beat tries again. */
  readonly onFault: (fault: unknown) => void
  readonly heartbeatSeconds: number
  /** Pages that are read and signed in one second at most; 40 unless told otherwise. */
  readonly pagesPerSecond?: number
}

/** How far a follower has come. */
export interface FeedPosition {
  readonly epoch: string
  readonly after: number
}

/** One signed page of the snapshot. */
export interface FeedPage {
  readonly token: string
  readonly etag: string
}

export interface Feed {
  /** Loads the live entries; the service is ready when this has resolved. */
  readonly start: () => Promise<void>
  /**
   * `busy` when so many different pages were made in this second that more would be a burden, and for a page that was
   * being made when a new epoch began; whoever asks again gets one of that.
   */
  readonly page: (at: FeedPosition) => Promise<FeedPage | 'busy'> | 'busy'
  /** Sends what follows `after`, then every event; `behind` when pages must be read first. */
  readonly subscribe: (
    at: FeedPosition,
    send: (event: SignedEvent) => void,
  ) => 'subscribed' | 'behind'
  readonly unsubscribe: (send: (event: SignedEvent) => void) => void
  /** Tells the followers at once that the key set changed. */
  readonly announceKeys: () => void
  /** Called before a new epoch counts, for memory that was read from the log of the last one. */
  readonly onEpoch: (listener: () => Promise<void>) => void
  /** Reads the log now; commits here and elsewhere call it. */
  readonly pump: () => Promise<void>
  readonly close: () => void
}

/**
 * Publishes the revocation log of this node: each event and page is signed once, however many follow.
 * Why: followers share the signature, so a thousand of them cost a thousand writes and one ES256.
 * Source: ours (ARCHITECTURE, "Taken back within a second").
 */
export function createFeed(deps: FeedDeps): Feed {
  const followers = createFollowers()
  const { publish } = followers
  const recent = createRecentEvents()
  const pages = new Map<string, Promise<FeedPage | 'busy'>>()
  let builds = { second: -1, left: 0 }
  const log = deps.store.revocations
  const history = createLogHistory({ ...deps, log })
  const epochListeners: (() => Promise<void>)[] = []
  let head: LogHead = beforeTheFirst
  let heartbeat: SignedEvent | undefined
  const second = () => Math.floor(deps.now())

  function sign(after: LogPlace, { entries, to }: LogPart, newest: number, typ: string): string {
    const { epoch, epochStart } = head
    const claims = {
      iss: deps.issuer,
      iat: second(),
      epoch,
      epochStart,
      after: after.sequence,
      afterHash: after.hash,
      to: to.sequence,
      toHash: to.hash,
      head: newest,
      keys: deps.keysFingerprint(),
      entries,
    }
    return deps.sign(claims, typ)
  }

  /** Applies and publishes what was committed since the last look. */
  const pump = oneLook(read)

  async function read(): Promise<void> {
    const newest = await history.readHead(head === beforeTheFirst ? undefined : head)
    if (newest.epoch !== head.epoch) return restart(newest.epoch)
    while (head.sequence < newest.sequence) {
      const part = await readPart(log, head.sequence, newest)
      const after = head
      deps.index.apply(part.entries)
      head = { ...head, ...part.to }
      heartbeat = undefined
      const event = {
        after: after.sequence,
        to: part.to.sequence,
        token: sign(after, part, newest.sequence, feedTypes.event),
      }
      recent.add(event)
      publish(event)
    }
    head = newest
    await history.learn(newest)
  }

  async function restart(epoch: string): Promise<void> {
    const entries: WireEntry[] = []
    let after = 0
    for (;;) {
      const newest = await log.head()
      if (newest.epoch !== epoch) return restart(newest.epoch)
      const found = await log.page(after, pageEntriesMax)
      for (const entry of found) entries.push(renderEntry(entry))
      after = found.at(-1)?.sequence ?? after
      if (found.length === pageEntriesMax) continue
      if (head !== beforeTheFirst) {
        if (await history.heal(head, newest, entries)) return restart(epoch)
        for (const listener of epochListeners) await listener()
      }
      deps.index.replace(entries)
      // What was committed after this head was read is read again by the next look.
      head = newest
      recent.clear()
      pages.clear()
      heartbeat = undefined
      publish(beat())
      return history.learn(newest)
    }
  }

  /** The newest heartbeat; one a second at most is signed. */
  function beat(): SignedEvent {
    if (heartbeat === undefined || heartbeat.at !== second()) {
      const { sequence } = head
      heartbeat = {
        after: sequence,
        to: sequence,
        at: second(),
        token: sign(head, { entries: [], to: head }, sequence, feedTypes.event),
      }
    }
    return heartbeat
  }

  /**
   * Why steps: followers who are a little apart share one signed page, and a stranger who asks from everywhere causes few.
   * A page holds more than a step, so who is given an overlap still gets on.
   */
  function page(at: FeedPosition): Promise<FeedPage | 'busy'> | 'busy' {
    const { epoch, sequence } = head
    const wanted = at.epoch === epoch && at.after <= sequence ? at.after : 0
    const after = wanted === sequence ? wanted : wanted - (wanted % pageStep)
    const beatNumber = Math.floor(deps.now() / deps.heartbeatSeconds)
    const name = `${epoch}.${after}.${sequence}.${beatNumber}.${deps.keysFingerprint()}`
    const known = pages.get(name)
    if (known !== undefined) return known
    if (!mayBuild()) return 'busy'
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
    if (head.epoch !== newest.epoch) return 'busy'
    const token = sign(after, part, newest.sequence, feedTypes.page)
    return { token, etag: `"${name}"` }
  }

  function mayBuild(): boolean {
    if (builds.second !== second())
      builds = { second: second(), left: deps.pagesPerSecond ?? pagesPerSecond }
    builds.left -= 1
    return builds.left >= 0
  }

  const timer = setInterval(() => {
    deps.index.prune(deps.now() - clockStepSecondsMax)
    pump().then(() => publish(beat()), deps.onFault)
  }, deps.heartbeatSeconds * 1000)
  timer.unref()
  const stopListening = deps.store.changes.onCommit((what) => {
    if (what === 'revocations') pump().catch(deps.onFault)
  })

  return {
    start: pump,
    page,
    pump,
    onEpoch: (listener) => void epochListeners.push(listener),
    announceKeys: () => {
      heartbeat = undefined
      publish(beat())
    },
    subscribe: (at, send) => {
      if (at.epoch !== head.epoch) return 'behind'
      const missed = recent.since(at.after, head.sequence)
      if (missed === undefined) return 'behind'
      // First of all, so that one who is cut on the way can leave.
      followers.add(send)
      for (const event of missed) send(event)
      send(beat())
      return 'subscribed'
    },
    unsubscribe: followers.remove,
    close: () => {
      clearInterval(timer)
      stopListening()
      followers.clear()
    },
  }
}

const beforeTheFirst: LogHead = {
  epoch: '',
  epochStart: 0 as EpochSeconds,
  fencedAt: 0 as EpochSeconds,
  sequence: 0,
  hash: '',
  changes: 0,
  changesHash: '',
}

/** Units: signed pages kept; each is at most 100 KiB. */
const pagesKept = 256
/** Units: sequences; fewer than the entries that any page can hold. */
const pageStep = 256
const pagesPerSecond = 40
