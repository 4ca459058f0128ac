import { ok } from '@countersign/jwt'
import type { SessionRecord } from '../store/port/session-verbs.ts'
import type { OperatorDeps } from './operator.ts'
import { refuseOperation } from './operator.ts'
import { findUser, type UserOutcome } from './user-operator.ts'

/** A session as an operator sees it. It holds no secret and no hash of one. */
export interface SessionView {
  readonly sid: string
  readonly userId: string
  readonly agent: string
  readonly network: string
  /** `1` for one factor, `2` for two. */
  readonly acr: string
  readonly isPersistent: boolean
  readonly signedInAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/** Units: sessions of one user in a list. */
const listedMax = 1_000

/** Lists the live sessions of a user, those seen last first. */
export async function listSessions(
  userText: string,
  deps: OperatorDeps,
): UserOutcome<readonly SessionView[]> {
  const user = await findUser(userText, deps)
  if (!user.ok) return user
  return ok((await deps.store.sessions.list(user.value.id, listedMax)).map(viewSession))
}

/** Ends one session and revokes its tokens. */
export async function endSession(
  sid: string,
  { store, audit }: OperatorDeps,
): UserOutcome<{ readonly sid: string; readonly outcome: 'ended' }> {
  const session = await store.sessions.find(sid)
  const outcome =
    session === undefined
      ? 'unknown'
      : await store.sessions.end(sid, session.userId, 'ended_by_operator', audit)
  if (outcome === 'unknown') return refuseOperation('unknown', 'There is no such session.')
  return ok({ sid, outcome })
}

function viewSession(session: SessionRecord): SessionView {
  const { family, userId, agent, network, acr, isPersistent, authTime, lastSeen } = session
  return {
    sid: family.sid,
    userId,
    agent,
    network,
    acr,
    isPersistent,
    signedInAt: authTime,
    lastSeenAt: lastSeen,
    expiresAt: family.expiresAt,
  }
}
