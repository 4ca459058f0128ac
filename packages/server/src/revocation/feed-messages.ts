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
  /** Signs the entries behind a place. `newest` is the last sequence of the log. */
  readonly sign: (after: LogPlace, part: LogPart, newest: number, typ: string) => string
  readonly event: (after: LogPlace, part: LogPart, newest: number) => SignedEvent
  /** The newest heartbeat. One is signed for each second, unless there is more to say. */
  readonly beat: () => SignedEvent
  /** Forgets the newest heartbeat, because the log or the keys changed. */
  readonly forgetBeat: () => void
}

/** Creates the signer of a feed's messages. `head` gives the position of this node in the log. */
export function createFeedMessages(deps: FeedMessagesDeps, head: () => LogHead): FeedMessages {
  let heartbeat: SignedEvent | undefined
  const second = () => Math.floor(deps.now())

  const sign: FeedMessages['sign'] = (after, { entries, to }, newest, typ) => {
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
      head: newest,
      keys: deps.keysFingerprint(),
      entries,
    }
    return deps.sign(claims, typ)
  }

  const event: FeedMessages['event'] = (after, part, newest) => ({
    after: after.sequence,
    to: part.to.sequence,
    token: sign(after, part, newest, feedTypes.event),
  })

  return {
    sign,
    event,
    beat() {
      if (heartbeat === undefined || heartbeat.at !== second()) {
        const at = head()
        heartbeat = { ...event(at, { entries: [], to: at }, at.sequence), at: second() }
      }
      return heartbeat
    },
    forgetBeat: () => {
      heartbeat = undefined
    },
  }
}
