import { ok, refuse, type Result } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { mintForSession, sessionClient } from './mint-for-session.ts'
import { planRotation } from './rotate-secret.ts'
import type {
  FoundSession,
  NewProof,
  ProveRefusal,
  SessionDeps,
  SessionTokens,
} from './session-types.ts'

/**
 * Gives a session the level, the methods and the moment of a new proof, and gives the browser a new secret and a new access
 * token.
 * Refuses: `session_ended`, `code_used`, and every reason of the mint.
 * Source: RFC 9470 §4 (`acr` and `auth_time` are those of the new proof).
 */
export async function proveSession(
  found: FoundSession,
  proof: NewProof,
  audit: AuditContext,
  deps: SessionDeps,
  isRepeated = false,
): Promise<Result<SessionTokens, ProveRefusal>> {
  const { record } = found
  const { acr, amr, use, mails } = proof
  const client = await sessionClient(deps)
  const user = await deps.store.users.find(record.userId)
  if (user?.status !== 'active') return refuse({ reason: 'session_ended' })
  const shown = { acr, amr, sid: record.family.sid, authTime: deps.now(), provedAt: deps.now() }
  const access = await mintForSession(user, shown, client, deps)
  if (!access.ok) return access
  const { rotation, read } = planRotation(found, client, audit, deps)
  const proved = await deps.store.sessions.prove(
    { userId: record.userId, acr, amr, rotation, use, mails },
    audit,
  )
  if (proved.outcome === 'stale_client' && !isRepeated) {
    deps.forgetClient()
    return proveSession(found, proof, audit, deps, true)
  }
  if (proved.outcome === 'used') return refuse({ reason: 'code_used' })
  const secret = read(proved)
  if (secret === undefined) return refuse({ reason: 'session_ended' })
  await deps.noteIssued(access.value.jti, audit)
  return ok({ access: access.value, secret })
}
