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
import { createLiveSequences } from './live-sequences.ts'
import { createPages, type FeedPosition, type Pages } from './pages.ts'
import { readPart, type LogPart, type LogPlace } from './read-log.ts'
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
  /** Pages that are read and signed in one second at most. Default: 40. */
  readonly pagesPerSecond?: number
  /** The same for one address, the first page left out. Default: 20. */
  readonly pagesPerAddress?: number
}

export interface Feed {
  /** Loads the live entries; the service is ready when this has resolved. */
  readonly start: () => Promise<void>
  readonly page: Pages['page']
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
  const log = deps.store.revocations
  const live = createLiveSequences()
  const { page, clear: forgetPages } = createPages({
    ...deps,
    log,
    live,
    head: () => head,
    sign: (...about) => sign(...about, feedTypes.page),
    perSecond: deps.pagesPerSecond,
    perAddress: deps.pagesPerAddress,
  })
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
      live.add(part.entries)
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
      live.replace(entries)
      // What was committed after this head was read is read again by the next look.
      head = newest
      recent.clear()
      forgetPages()
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

  const timer = setInterval(() => {
    deps.index.prune(deps.now() - clockStepSecondsMax)
    live.prune(deps.now() - clockStepSecondsMax)
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
