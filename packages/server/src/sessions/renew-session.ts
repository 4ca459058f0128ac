import type { AuditContext } from '../audit/events.ts'
import type { SessionRecord } from '../store/port/session-verbs.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import { mintForSession, sessionClient, tokenLifeOf } from './mint-for-session.ts'
import { rotateSecret } from './rotate-secret.ts'
import type { FoundSession, Renewal, SessionDeps } from './session-types.ts'

/** A request for the tokens of a session, as `BrowserSessions.renew` takes it. */
interface RenewalRequest {
  readonly found: FoundSession
  /** The access token that the browser has. */
  readonly access: string | undefined
  readonly when: 'due' | 'always'
  readonly audit: AuditContext
}

/**
 * Renews the tokens of a session. The secret rotates once in half the life of an access token, or where the browser
 * missed the last rotation.
 */
export async function renewSession(
  request: RenewalRequest,
  deps: SessionDeps,
  isRepeated = false,
): Promise<Renewal> {
  const { found, access, when, audit } = request
  const { record, presented } = found
  const { family } = record
  const period = tokenLifeOf(record, deps.resource(), deps.now()) / 2
  const isCurrent = presented.hash === family.currentHash
  const rotates = !isCurrent || deps.now() - family.rotatedAt >= period
  if (when === 'due' && !rotates) {
    const fresh = await readFresh(access, record, period, deps)
    if (fresh !== undefined) return { outcome: 'fresh', issuedAt: fresh.issuedAt }
  }
  const client = await sessionClient(deps)
  const user = await deps.store.users.find(record.userId)
  if (user?.status !== 'active') return { outcome: 'ended' }
  const minted = await mintForSession(user, { ...record, sid: family.sid }, client, deps)
  if (!minted.ok) return { outcome: 'refused', refusal: minted.refusal }
  const { value: token } = minted
  if (!rotates) {
    // The user was read after the session. A session that is still there shows that the version of the user is not one
    // that was raised to end it.
    if ((await deps.store.sessions.find(family.sid)) === undefined) return { outcome: 'ended' }
    await deps.noteIssued(token.jti, audit)
    return { outcome: 'renewed', tokens: { access: token, secret: undefined } }
  }
  const { outcome, secret } = await rotateSecret(found, client, audit, deps)
  if (outcome === 'stale_client' && !isRepeated) {
    deps.forgetClient()
    return renewSession(request, deps, true)
  }
  if (secret === undefined) return { outcome: 'ended' }
  await deps.noteIssued(token.jti, audit)
  return { outcome: 'renewed', tokens: { access: token, secret } }
}

/** Reads the access token of the browser, if it is one of this session with more than half of its life ahead. */
async function readFresh(
  access: string | undefined,
  { family, userId }: SessionRecord,
  period: number,
  { readAccess, resource, now }: SessionDeps,
): Promise<OwnToken | undefined> {
  if (access === undefined) return undefined
  const token = await readAccess(access, now())
  if (token === undefined || token.sid !== family.sid || token.subject !== userId) return undefined
  const isFresh = token.audience === resource().audience && token.expiresAt - now() > period
  return isFresh ? token : undefined
}
