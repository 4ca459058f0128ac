import { ok, refuse, type EpochSeconds } from '@countersign/jwt'
import type { AuditContext } from '../audit/events.ts'
import { networkOf } from '../http/network.ts'
import type { ClientRecord } from '../store/port/records.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { SignInProof } from '../users/sign-in-proof.ts'
import type { VerifiedUser } from '../users/verified-user.ts'
import { mintForSession, sessionClient } from './mint-for-session.ts'
import type { BrowserSessions, SessionDeps, SigningBrowser } from './session-types.ts'

/**
 * Opens a session with a new sid, and ends the one that the browser had.
 * Refuses: `user_changed`, `client_disabled`, `ticket_spent`, `code_used`, `second_factor_needed`, and every reason of the mint.
 * Why it may run twice: another node may have changed the client of sessions a moment ago.
 */
export async function openSession(
  user: VerifiedUser,
  proof: SignInProof,
  browser: SigningBrowser,
  audit: AuditContext,
  deps: SessionDeps,
  isRepeated = false,
): ReturnType<BrowserSessions['open']> {
  const client = await sessionClient(deps)
  const sid = deps.randomId()
  const openedAt = deps.now()
  const { acr, amr, ticket, use, mails } = proof
  const shown = { acr, amr, sid, authTime: openedAt, provedAt: openedAt }
  const access = await mintForSession(user, shown, client, deps)
  if (!access.ok) return access
  const secret = deps.secrets.mint(sid, 1)
  const family = { ...familyFor(user, client, deps), sid, currentHash: secret.hash }
  const { isPersistent, agent, browserHash, formerBrowserHash, replaces } = browser
  const network = networkOf(browser.address)
  const session = { family, acr, amr, isPersistent, agent, browserHash, network }
  const outcome = await deps.store.sessions.open(
    session,
    { replaces, formerBrowserHash, ticket, use, mails, isFirst: user.signedInAt === undefined },
    audit,
  )
  if (outcome === 'stale_client' && !isRepeated) {
    deps.forgetClient()
    return openSession(user, proof, browser, audit, deps, true)
  }
  if (outcome !== 'opened') return refuse({ reason: reasons[outcome] })
  await deps.noteIssued(access.value.jti, audit)
  const expiresAt = (openedAt + deps.ttlSeconds) as EpochSeconds
  return ok({ access: access.value, secret: secret.text, expiresAt })
}

const reasons = {
  stale_client: 'client_disabled',
  stale_user: 'user_changed',
  spent: 'ticket_spent',
  used: 'code_used',
  too_weak: 'second_factor_needed',
} as const

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
