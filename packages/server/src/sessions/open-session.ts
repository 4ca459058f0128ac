import { ok, refuse, type EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { networkOf } from '../http/network.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import { mintForSession, sessionClient } from './mint-for-session.ts'
import type { BrowserSessions, SessionDeps, SigningBrowser } from './session-types.ts'

/** The level of a sign-in by password. */
const byPassword = { acr: '1', amr: ['pwd'] } as const

/**
 * Opens a session with a new sid, and ends the one that the browser had.
 * Refuses: `user_changed`, `client_disabled`, and every reason of the mint.
 * Why it may run twice: another node may have changed the client of sessions a moment ago.
 */
export async function openSession(
  user: VerifiedUser,
  browser: SigningBrowser,
  audit: AuditContext,
  deps: SessionDeps,
  isRepeated = false,
): ReturnType<BrowserSessions['open']> {
  const client = await sessionClient(deps)
  const sid = deps.randomId()
  const openedAt = deps.now()
  const shown = { ...byPassword, sid, authTime: openedAt, provedAt: openedAt }
  const access = await mintForSession(user, shown, client, deps)
  if (!access.ok) return access
  const secret = deps.secrets.mint(sid, 1)
  const family = { ...familyFor(user, client, deps), sid, currentHash: secret.hash }
  const { isPersistent, agent, browserHash, replaces } = browser
  const network = networkOf(browser.address)
  const session = { family, ...byPassword, isPersistent, agent, browserHash, network }
  const outcome = await deps.store.sessions.open(session, { replaces }, audit)
  if (outcome === 'stale_client' && !isRepeated) {
    deps.forgetClient()
    return openSession(user, browser, audit, deps, true)
  }
  if (outcome === 'stale_client') return refuse({ reason: 'client_disabled' })
  if (outcome !== 'opened') return refuse({ reason: 'user_changed' })
  await deps.noteIssued(access.value.jti, audit)
  const expiresAt = (openedAt + deps.ttlSeconds) as EpochSeconds
  return ok({ access: access.value, secret: secret.text, expiresAt })
}

/** The family of a session. It holds no access, because each renewal reads what the user has then. */
function familyFor(user: UserRecord, client: ClientRecord, { ttlSeconds }: SessionDeps) {
  return {
    clientId: client.id,
    clientVersion: client.version,
    subject: user.id,
    username: user.names[0]?.shown ?? user.id,
    access: [],
    jkt: null,
    idleTtlSeconds: ttlSeconds,
    absoluteTtlSeconds: ttlSeconds,
    user: { id: user.id, version: user.version },
  }
}
