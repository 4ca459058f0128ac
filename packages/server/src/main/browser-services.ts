import type { AuditCollector } from '../audit/collector.ts'
import type { AuditContext, AuditEvent } from '../audit/events.ts'
import type { ClientDirectory } from '../clients/directory.ts'
import { sessionClientId } from '../clients/session-client-id.ts'
import { defaults } from '../config/defaults.ts'
import type { BrowserServices } from '../endpoints/browser-services.ts'
import type { Services } from '../endpoints/services.ts'
import type { GrantDeps } from '../grants/grant.ts'
import type { PasswordHasher } from '../hashing/password-hasher.ts'
import type { KeyRing } from '../keys/ring.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { SiteLinks } from '../pages/page.ts'
import { createPageLoader } from '../pages/load-pages.ts'
import type { ResourceDirectory } from '../resources/directory.ts'
import { createBrowserSessions } from '../sessions/browser-sessions.ts'
import { createBrowserValues } from '../sessions/browser-values.ts'
import { createCookieJar } from '../sessions/cookies.ts'
import { createMailSecrets } from '../sessions/mail-secrets.ts'
import { createSignUpLimits } from '../limits/sign-up-limits.ts'
import type { SignUpRule } from '../config/sign-up-rule.ts'
import type { UserId } from '../store/port/user-records.ts'
import { readPassword } from '../users/read-password.ts'
import type { Store } from '../store/port/store.ts'
import { createPasswordMaker } from '../users/make-password.ts'
import type { PasswordRules } from '../users/password-rules.ts'
import type { SecondFactors } from '../users/factors/second-factors.ts'
import type { SignIn } from '../users/sign-in.ts'
import type { PageSettings } from './page-settings.ts'
import { browserPasskeysOf } from './browser-passkeys.ts'
import type { System } from './system.ts'
import { prepareSessionClient, sessionResource } from './session-client.ts'

interface BrowserParts {
  readonly issuer: string
  readonly sessionAudience?: string | undefined
  readonly pages?: PageSettings | undefined
  readonly store: Store
  readonly clients: ClientDirectory
  readonly resources: ResourceDirectory
  readonly ring: KeyRing
  readonly collector: Pick<AuditCollector, 'add'>
  readonly oauth: { readonly auditEach: boolean }
  readonly signIn: SignIn
  readonly passwords: PasswordHasher
  readonly passwordRules: PasswordRules
  readonly secondFactors: SecondFactors
  readonly system: System
  readonly signUp?: SignUpRule | undefined
  readonly mail: { readonly state: unknown; readonly inbox: unknown }
}

/** Makes the services of the routes for browsers; absent where no browser can sign in. */
export function browserServicesOf(
  parts: BrowserParts,
  { mint, refreshTokens }: Pick<GrantDeps, 'mint' | 'refreshTokens'>,
  { readToken }: Services['reader'],
): BrowserServices | undefined {
  const {
    issuer,
    sessionAudience,
    store,
    clients,
    resources,
    ring,
    signIn,
    secondFactors,
    system,
  } = parts
  if (sessionAudience === undefined) return undefined
  const { passwordRules: rules } = parts
  const { now, randomId, randomBytes } = system
  const { origin, host } = new URL(issuer)
  /** An operator may remove the client while the service runs, which ends all sessions. */
  const readOrMake = async () => {
    const present = await clients.read(sessionClientId)
    if (present !== undefined) return present
    await prepareSessionClient(store, { createdAt: now(), randomId })
    return clients.read(sessionClientId)
  }
  return {
    origin,
    clientId: sessionClientId,
    sessions: createBrowserSessions({
      store,
      secrets: refreshTokens,
      mint,
      resource: () => sessionResource(sessionAudience, resources.find),
      client: () => clients.remembered(sessionClientId) ?? readOrMake(),
      forgetClient: () => clients.forget([sessionClientId]),
      readAccess: async (token, moment) => {
        const read = await readToken(token, moment)
        return read.ok ? read.value.prepared : undefined
      },
      noteIssued: (jti, audit) => noteIssued(sessionAudience, jti, audit, parts),
      randomId,
      now,
      ttlSeconds: defaults.sessionTtlSeconds,
    }),
    cookies: createCookieJar(issuer),
    values: createBrowserValues({ secret: ring.secret('browser-values'), randomBytes }),
    signIn,
    makePassword: createPasswordMaker({ passwords: parts.passwords, rules, issuer }),
    passwordLengthMin: rules.lengthMin,
    passkeys: browserPasskeysOf(parts),
    store,
    secondFactors,
    siteName: parts.pages?.name ?? host,
    signUp: parts.signUp ?? 'off',
    countSignUp: createSignUpLimits(store.counters),
    mailSecrets: createMailSecrets({ secret: ring.secret('browser-values'), randomBytes }),
    newUserId: () => ({ id: randomId() as UserId, handle: randomBytes(32) }),
    isPasswordOf: (id, typed) => isPasswordOf(id, typed, parts),
    loadPages: createPageLoader({
      site: { name: parts.pages?.name ?? host, origin, links: linksOf(parts) },
      theme: parts.pages?.theme,
    }),
  }
}

/** The pages of this service to which others lead. */
function linksOf({ signUp, mail }: BrowserParts): SiteLinks {
  if (mail.state === undefined) return {}
  return {
    reset: '/reset',
    ...(signUp === 'open' ? { signUp: '/sign-up' } : {}),
    ...(mail.inbox === undefined ? {} : { inbox: '/inbox' }),
  }
}

async function isPasswordOf(
  id: UserId,
  typed: string,
  { store, passwords }: BrowserParts,
): Promise<boolean> {
  const read = readPassword(typed)
  const kept = await store.users.findPassword(id)
  if (!read.ok || kept === undefined) return false
  return (await passwords.verify(read.value, kept))?.isRight === true
}

/** Records an issued token: as a count, or as a row where the operator wants one for each. */
function noteIssued(
  audience: string,
  jti: string,
  audit: AuditContext,
  { store, collector, oauth }: BrowserParts,
): MaybePromise<void> {
  const event: AuditEvent = {
    ...audit,
    event: 'token_issued',
    clientId: sessionClientId,
    audience,
    grant: 'session',
    count: 1,
    jti: oauth.auditEach ? jti : null,
  }
  return oauth.auditEach ? store.audit.append([event]) : collector.add(event)
}
