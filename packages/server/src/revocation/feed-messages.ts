import type { EpochSeconds } from '@countersign/jwt'
import { feedTypes } from '@countersign/guard/revocations'
import type { LogHead } from '../store/port/records.ts'
import type { LogPart, LogPlace } from './read-log.ts'
import type { SignedEvent } from './recent-events.ts'

export interface FeedMessagesDeps {
  readonly issuer: string
  readonly sign: (claims: object, typ: string) => string
  readonly keysFingerprint: () => string
  readonly now: () => EpochSeconds
}

/** Signs the messages of the feed. */
export interface FeedMessages {
  /** Signs the entries behind a place. `last` is the last sequence of the log. */
  readonly sign: (after: LogPlace, part: LogPart, last: number, typ: string) => string
  readonly event: (after: LogPlace, part: LogPart, last: number) => SignedEvent
  /** Gives the newest heartbeat. One is signed in each second, and again after a change of the log or the keys. */
  readonly heartbeat: () => SignedEvent
  /** Forgets the newest heartbeat, because the log or the keys changed. */
  readonly forgetHeartbeat: () => void
}

/** Creates the signer of a feed's messages. `head` gives the position of this node in the log. */
export function createFeedMessages(deps: FeedMessagesDeps, head: () => LogHead): FeedMessages {
  let newest: SignedEvent | undefined
  const second = () => Math.floor(deps.now())

  const sign: FeedMessages['sign'] = (after, { entries, to }, last, typ) => {
    const { epoch, epochStart } = head()
    const claims = {
      iss: deps.issuer,
      iat: second(),
      epoch,
      epochStart,
      after: after.sequence,
      afterHash: after.hash,
      to: to.sequence,
      toHash: to.hash,
      head: last,
      keys: deps.keysFingerprint(),
      entries,
    }
    return deps.sign(claims, typ)
  }

  const event: FeedMessages['event'] = (after, part, last) => ({
    after: after.sequence,
    to: part.to.sequence,
    token: sign(after, part, last, feedTypes.event),
  })

  return {
    sign,
    event,
    heartbeat() {
      if (newest === undefined || newest.at !== second()) {
        const at = head()
        newest = { ...event(at, { entries: [], to: at }, at.sequence), at: second() }
      }
      return newest
    },
    forgetHeartbeat: () => {
      newest = undefined
    },
  }
}
