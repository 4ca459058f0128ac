import type { EpochSeconds } from '@countersign/jwt'
import { feedTypes, type LiveIndex } from '@countersign/guard/revocations'
import { coalesce } from '../coalesce.ts'
import { clockStepSecondsMax } from '../store/port/clock.ts'
import type { Store } from '../store/port/store.ts'
import { askLog } from './ask-log.ts'
import { createFeedMessages } from './feed-messages.ts'
import {
  hasRead,
  initialFeed,
  stepFeed,
  type FeedEvent,
  type FeedStep,
  type PublishEffect,
} from './feed-step.ts'
import { createFollowers } from './followers.ts'
import { createLiveSequences } from './live-sequences.ts'
import { createLogHistory } from './log-history.ts'
import { createPages, type FeedPosition, type Pages } from './pages.ts'
import { createRecentEvents, type SignedEvent } from './recent-events.ts'

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
 * Source: ours (docs/revocation.md).
 */
export function createFeed(deps: FeedDeps): Feed {
  const followers = createFollowers()
  const recent = createRecentEvents()
  const live = createLiveSequences()
  const epochListeners: (() => Promise<void>)[] = []
  const log = deps.store.revocations
  let state = initialFeed()
  const messages = createFeedMessages(deps, () => state.head)
  const { page, clear: forgetPages } = createPages({
    ...deps,
    log,
    live,
    head: () => state.head,
    sign: (...about) => messages.sign(...about, feedTypes.page),
    perSecond: deps.pagesPerSecond,
    perAddress: deps.pagesPerAddress,
  })
  const history = createLogHistory({ ...deps, log })
  const publishBeat = () => followers.publish(messages.beat())

  /** Applies and publishes what was committed since the last look. */
  const pump = coalesce(async () => {
    const known = hasRead(state) ? state.head : undefined
    let event: FeedEvent | undefined = { type: 'head', newest: await history.readHead(known) }
    while (event !== undefined) {
      const step: FeedStep = stepFeed(state, event)
      ;({ state } = step)
      event = undefined
      for (const effect of step.effects) {
        if (effect.do === 'publishPart' || effect.do === 'beginEpoch') publish(effect)
        else event = await askLog({ log, history, epochListeners }, effect)
      }
    }
  })

  function publish(effect: PublishEffect): void {
    messages.forgetBeat()
    if (effect.do === 'publishPart') {
      const { after, part, newest } = effect
      deps.index.apply(part.entries)
      live.add(part.entries)
      const event = messages.event(after, part, newest)
      recent.add(event)
      followers.publish(event)
    } else {
      deps.index.replace(effect.entries)
      live.replace(effect.entries)
      recent.clear()
      forgetPages()
      publishBeat()
    }
  }

  const timer = setInterval(() => {
    deps.index.prune(deps.now() - clockStepSecondsMax)
    live.prune(deps.now() - clockStepSecondsMax)
    pump().then(publishBeat, deps.onFault)
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
      messages.forgetBeat()
      publishBeat()
    },
    subscribe: ({ epoch, after }, send) => {
      const { head } = state
      const missed = epoch === head.epoch ? recent.since(after, head.sequence) : undefined
      if (missed === undefined) return 'behind'
      // First of all, so that one who is cut on the way can leave.
      followers.add(send)
      for (const event of missed) send(event)
      send(messages.beat())
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
