import { parseStrictJson, verifyJws, type JwsAlgorithm, type KeySet } from '@countersign/jwt'
import {
  feedTypes,
  messageBytesMax,
  pageEntriesMax,
  parseFeedMessage,
  type FeedMessage,
} from './entries.ts'

/** Algorithms that may sign a feed: all with publishable keys. */
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
 * Refuses: `undefined` for a signature by another key, another `typ`, another issuer or another form.
 * Not checked: its time and its position in the log, which the follower checks.
 * Why: it requires no `exp`, because a clock that jumps must not lose a revocation.
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
