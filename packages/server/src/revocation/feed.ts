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
  readonly store: Pick<Store, 'revocations'>
  readonly issuer: string
  /** Signs claims with the feed key, which signs nothing else. */
  readonly sign: (claims: object, typ: string) => string
  /** Changes when the published key set changes. */
  readonly keysFingerprint: () => string
  readonly now: () => EpochSeconds
  readonly randomId: () => string
  /** The entries that the service's own guard checks. This feed keeps them current. */
  readonly index: LiveIndex
  /** Is called with a fault of a read of the log; the next heartbeat reads again. */
  readonly onFault: (fault: unknown) => void
  readonly heartbeatSeconds: number
  /** The most pages that are read and signed in one second. Default: 40. */
  readonly pagesPerSecond?: number
  /** The most pages for one address in one second, without first pages. Default: 20. */
  readonly pagesPerAddress?: number
}

export interface Feed {
  /** Loads the live entries; the service is ready when this has resolved. */
  readonly start: () => Promise<void>
  readonly page: Pages['page']
  /** Sends the events behind `after`, then every new event. `behind`: the follower must read pages first. */
  readonly subscribe: (
    at: FeedPosition,
    send: (event: SignedEvent) => void,
  ) => 'subscribed' | 'behind'
  readonly unsubscribe: (send: (event: SignedEvent) => void) => void
  /** Sends the followers a heartbeat at once, because the key set changed. */
  readonly announceKeys: () => void
  /** Adds a function that runs before a new epoch counts. It drops memory from the log of the last epoch. */
  readonly onEpoch: (listener: () => Promise<void>) => void
  /** Reads the log now. It is called after commits of any node. */
  readonly pump: () => Promise<void>
  readonly close: () => void
}

/**
 * Publishes the revocation log of this node. Each event and each page is signed once for all followers.
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
  const publishHeartbeat = () => followers.publish(messages.heartbeat())

  /** Applies and publishes the commits since the last read. */
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
    messages.forgetHeartbeat()
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
      publishHeartbeat()
    }
  }

  const timer = setInterval(() => {
    deps.index.prune(deps.now() - clockStepSecondsMax)
    live.prune(deps.now() - clockStepSecondsMax)
    pump().then(publishHeartbeat, deps.onFault)
  }, deps.heartbeatSeconds * 1000)
  timer.unref()

  return {
    start: pump,
    page,
    pump,
    onEpoch: (listener) => void epochListeners.push(listener),
    announceKeys: () => {
      messages.forgetHeartbeat()
      publishHeartbeat()
    },
    subscribe: ({ epoch, after }, send) => {
      const { head } = state
      const missed = epoch === head.epoch ? recent.since(after, head.sequence) : undefined
      if (missed === undefined) return 'behind'
      // Added first, so that a follower can be removed while it receives the missed events.
      followers.add(send)
      for (const event of missed) send(event)
      send(messages.heartbeat())
      return 'subscribed'
    },
    unsubscribe: followers.remove,
    close: () => {
      clearInterval(timer)
      followers.clear()
    },
  }
}
