import {
  decodeUnverified,
  leewaySecondsMax,
  ok,
  type EpochSeconds,
  type Result,
} from '@countersign/jwt'
import type { RevocationView } from '@countersign/guard'
import { createRefreshTokens } from '../grants/refresh-token.ts'
import { signingAlgs } from '../keys/material.ts'
import { createOwnReader } from '../tokens/own-reader.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** A token that was revoked, and the client that it was for. */
interface RevokedToken {
  readonly revoked: 'token' | 'family'
  /** The `jti`, or the `sid` of the family. */
  readonly id: string
  readonly clientId: string
}

/**
 * Revokes the token that is given as a whole: an access token by its `jti`, a refresh token by its family.
 * Refuses: `already` for an expired token, `unknown` for a text that this service did not make.
 * Why it is proven first: an operator must learn that the text is the token of somebody else.
 */
export async function revokeToken(
  text: string,
  issuer: string,
  deps: OperatorDeps,
): Promise<Result<RevokedToken, OperationRefusal>> {
  const { store, ring, randomBytes, audit, now } = deps
  const refresh = createRefreshTokens({ secret: ring.secret('refresh-tag'), randomBytes }).read(
    text,
  )
  if (refresh !== undefined) {
    const family = await store.refreshTokens.find(refresh.sid)
    if (family === undefined) return refuseOperation('already', 'Its family has ended.')
    await store.refreshTokens.end(refresh.sid, 'revoked by an operator', audit)
    return ok({ revoked: 'family', id: refresh.sid, clientId: family.clientId })
  }
  const resources = new Map((await store.resources.list()).map((row) => [row.audience, row]))
  const claimed = decodeUnverified(text)
  const stated = claimed.ok ? claimed.value.claims.iss : undefined
  const reader = createOwnReader({
    issuer: typeof stated === 'string' ? stated : issuer,
    algorithms: signingAlgs,
    verifiers: ring.verifiers,
    decryptionKey: ring.decryptionKey,
    resource: (audience) => resources.get(audience),
    revocation: nothingRevoked,
  })
  const read = await reader.readToken(text, now())
  if (!read.ok && read.refusal.reason === 'expired')
    return refuseOperation('already', 'The token has expired: nothing is left to revoke.')
  if (!read.ok)
    return refuseOperation(
      'unknown',
      `This is no token of this service (${read.refusal.reason}): give the whole token.`,
    )
  const { jti, clientId, expiresAt } = read.value.prepared
  const until = (expiresAt + leewaySecondsMax) as EpochSeconds
  await store.revocations.add({ kind: 'token', jti }, until, audit)
  return ok({ revoked: 'token', id: jti, clientId })
}

/** Why: a token that was revoked before may be revoked again. */
const nothingRevoked: RevocationView = {
  check: () => 'live',
  generation: () => 0,
  isTooStale: () => false,
  health: () => ({ state: 'fresh', ageSeconds: 0 }),
}
