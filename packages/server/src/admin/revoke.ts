import { ok, type EpochSeconds, type Result } from '@countersign/jwt'
import type { UserId } from '../store/port/user-records.ts'
import type { RevocationTarget } from '../store/port/revocation-target.ts'
import { unknownClient } from './client-view.ts'
import { burnKey } from './keys.ts'
import { refuseOperation, type OperationRefusal, type OperatorDeps } from './operator.ts'

/** The kinds of things that an operator can revoke by name, in the words of the command line. */
export type RevocableKind =
  | 'token'
  | 'session'
  | 'family'
  | 'client'
  | 'user'
  | 'claims'
  | 'key'
  | 'issuer'

/** The thing that an operator wants to revoke. */
export interface RevokeRequest {
  readonly kind: RevocableKind
  /** `jti`, `sid`, `client_id`, user id or `kid`; empty for the issuer. */
  readonly id: string
  /** Tokens of lower versions of the user are revoked. A user of this service needs none: all tokens are. */
  readonly belowVersion?: number
}

/** Units: letters. A user of a foreign issuer is named by the issuer, `|` and the subject. */
const idLengthMax = 256
const userLengthMax = 1024

/**
 * Revokes the named thing. The result comes after the commit, so every guard knows of it within a second.
 * Refuses: `unknown` (client, key), `malformed` (an id that is empty, too long or a whole token, one next to the issuer, a
 * user of another issuer without a version).
 * Source: ours (docs/revocation.md).
 */
export async function revoke(
  { kind, id, belowVersion }: RevokeRequest,
  deps: OperatorDeps,
): Outcome {
  const { store, audit } = deps
  if (kind !== 'issuer' && !isId(id, kind)) {
    return refuseOperation('malformed', `A ${kind} is named by its id, not by a whole token.`)
  }
  if (kind === 'issuer' && id !== '') {
    return refuseOperation('malformed', 'This revokes all tokens of the issuer: give no id.')
  }
  const revoked = ok({ revoked: kind, id })
  const write = async (target: RevocationTarget) => {
    await store.revocations.add(target, undefined, audit)
    return revoked
  }
  switch (kind) {
    case 'token':
      return write({ kind: 'token', jti: id })
    case 'session':
    case 'family': {
      const ended = await store.refreshTokens.end(id, 'revoked by an operator', audit)
      return ended === 'ended' ? revoked : write({ kind: 'sid', sid: id })
    }
    case 'client': {
      const outcome = await store.clients.revokeTokens(id, audit)
      return outcome === 'revoked' ? revoked : unknownClient(id)
    }
    case 'user':
    case 'claims':
      if (kind === 'user' && belowVersion === undefined) {
        const outcome = await store.users.revokeTokens(id as UserId, audit)
        if (outcome === 'revoked') return revoked
      }
      if (belowVersion === undefined || belowVersion < 1) {
        return refuseOperation(
          'malformed',
          kind === 'user' && belowVersion === undefined
            ? `There is no user with the id ${id}: see "countersign users list". For a user of another system state --below <version>.`
            : 'State --below <version>, from 1 on: lower versions are revoked.',
        )
      }
      return write({ kind: kind === 'user' ? 'user' : 'claims_stale', uid: id, belowVersion })
    case 'key': {
      const burnt = await burnKey(id, deps)
      return burnt.ok ? revoked : burnt
    }
    case 'issuer':
      return revokeAll(deps)
  }
}

function isId(id: string, kind: RevocableKind): boolean {
  const isUser = kind === 'user' || kind === 'claims'
  const isToken = id.startsWith('eyJ') && id.split('.').length >= 3
  return id !== '' && id.length <= (isUser ? userLengthMax : idLengthMax) && !isToken
}

/** How far ahead the clock of a node may be. It is less than the leeway of verifiers, so they accept the next `iat`. Units: seconds. */
const fastClockSecondsMax = 9

/** Begins a new epoch and revokes all tokens, those of a node with a fast clock too. */
async function revokeAll({ store, audit, randomId }: OperatorDeps): Outcome {
  const issuedUpTo = (Math.floor(await store.now()) + fastClockSecondsMax) as EpochSeconds
  await store.revocations.startEpoch(randomId(), issuedUpTo, audit)
  return ok({ revoked: 'issuer', id: '' })
}

type Outcome = Promise<Result<Revoked, OperationRefusal>>

interface Revoked {
  readonly revoked: RevocableKind
  readonly id: string
}
