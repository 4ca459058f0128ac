import { findSession } from './find-session.ts'
import { proveSession } from './prove-session.ts'
import { openSession } from './open-session.ts'
import { renewSession } from './renew-session.ts'
import type { BrowserSessions, SessionDeps } from './session-types.ts'

/**
 * Makes the sessions of browsers. A session is a refresh family, and its secret is the refresh token.
 * Why the previous secret gives the same successor until that was used: a reply can be lost, and the browser comes again
 * hours later with the secret that it has.
 * Source: ours (docs/sessions.md).
 */
export function createBrowserSessions(deps: SessionDeps): BrowserSessions {
  return {
    open: (user, proof, browser, audit) => openSession(user, proof, browser, audit, deps),
    find: (secret, browserHash, audit) => findSession(secret, browserHash, audit, deps),
    renew: (found, access, when, audit) => renewSession({ found, access, when, audit }, deps),
    prove: (found, proof, audit) => proveSession(found, proof, audit, deps),
    async end({ record }, audit) {
      await deps.store.sessions.end(record.family.sid, record.userId, 'signed_out', audit)
    },
  }
}
