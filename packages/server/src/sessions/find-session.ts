import type { AuditContext } from '../audit/events.ts'
import { seenSecondsMin } from '../store/port/session-verbs.ts'
import { sessionClient } from './mint-for-session.ts'
import { rotateSecret } from './rotate-secret.ts'
import type { FoundSession, SessionDeps } from './session-types.ts'

/** Finds the session of a secret in its browser, as `BrowserSessions.find` says. */
export async function findSession(
  text: string | undefined,
  browserHash: string,
  audit: AuditContext,
  deps: SessionDeps,
): Promise<FoundSession | undefined> {
  // A secret that this service did not make costs no query.
  const secret = text === undefined ? undefined : deps.secrets.read(text)
  if (text === undefined || secret === undefined) return undefined
  const record = await deps.store.sessions.find(secret.sid)
  if (record === undefined || record.browserHash !== browserHash) return undefined
  const found = { record, presented: { ...secret, text } }
  const { currentHash, previousHash } = record.family
  if (secret.hash !== currentHash && secret.hash !== previousHash) {
    // The store decides whether it is a theft, and ends the session then.
    await rotateSecret(found, await sessionClient(deps), audit, deps)
    return undefined
  }
  if (deps.now() - record.lastSeen >= seenSecondsMin) await deps.store.sessions.touch(secret.sid)
  return found
}
