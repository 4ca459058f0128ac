import { parseStrictJson, verifyJws, type JwsAlgorithm, type KeySet } from '@countersign/jwt'
import {
  feedTypes,
  messageBytesMax,
  pageEntriesMax,
  parseFeedMessage,
  type FeedMessage,
} from './entries.ts'

/** Algorithms that may sign a feed: the ones whose keys can be published. */
export const feedAlgorithms: readonly JwsAlgorithm[] = [
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
  'RS256',
  'PS256',
]

/**
 * Reads one message of an issuer's feed.
 * Refuses: `undefined` for a signature by any other key, another `typ`, another issuer, or a shape that is not ours.
 * Not checked: its time and its place in the log; the state of the follower judges those.
 * Why: no `exp` is asked for, because a clock that jumps must not lose a revocation.
 */
export function readMessage(
  token: string,
  kind: keyof typeof feedTypes,
  issuer: string,
  keys: KeySet,
): FeedMessage | undefined {
  const verified = verifyJws(token, {
    keys,
    algorithms: feedAlgorithms,
    typ: feedTypes[kind],
    tokenBytesMax: messageBytesMax,
  })
  if (!verified.ok) return undefined
  const claims = parseStrictJson(verified.value.payload, limits)
  if (!claims.ok) return undefined
  const message = parseFeedMessage(claims.value)
  return message.ok && message.value.iss === issuer ? message.value : undefined
}

const limits = { bytesMax: messageBytesMax, depthMax: 3, membersMax: 16 + pageEntriesMax }
