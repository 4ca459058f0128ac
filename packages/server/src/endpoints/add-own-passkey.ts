import { ok, refuse, type Result } from '@countersign/jwt'
import type { AddedPasskey, AddRefusal } from '../passkeys/passkey-types.ts'
import { labelAgent } from '../sessions/agent-label.ts'
import type { AccountForm } from './account-visitor.ts'
import { composeNotices } from './notices.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { tokenCookies } from './visitor.ts'

/** An added passkey, with the cookies of the session that it raised. */
export interface OwnPasskey extends AddedPasskey {
  readonly cookies: readonly string[]
}

/**
 * Adds the passkey in the form of a signed-in person, tells the person by mail, and raises the session to level 2.
 * Refuses: every reason of `AddRefusal`.
 * Why it raises the session: the account has level 2 from now on, and the person has just used both factors.
 */
export async function addOwnPasskey(
  sent: AccountForm,
  services: Pick<Services, 'browserServices' | 'mail' | 'now'>,
): Promise<Result<OwnPasskey, AddRefusal>> {
  const { request, form, visitor, lang } = sent
  const { passkeys, store, values } = servicesOf(services)
  const { userId, family } = visitor.found.record
  const user = await store.users.find(userId)
  if (passkeys === undefined || user === undefined) return refuse({ reason: 'session_ended' })
  const link = `/account/security?lang=${lang}` as const
  const added = await passkeys.add(
    form.get('response') ?? '',
    {
      userId,
      sid: family.sid,
      browserHash: values.browserHash(visitor.browser),
      fallbackName: labelAgent(request.headers['user-agent']),
      mailsFor: (passkey) =>
        composeNotices({ user, request, lang }, services, (origin) => ({
          template: 'passkey_changed',
          args: { ...origin, change: 'added', passkey, link },
        })),
    },
    visitor.audit,
  )
  if (!added.ok) return added
  const cookies = added.value.wasAsked ? await raiseSession(sent, added.value, services) : []
  return ok({ ...added.value, cookies })
}

async function raiseSession(
  { visitor }: AccountForm,
  { methods }: AddedPasskey,
  services: Pick<Services, 'browserServices' | 'now'>,
): Promise<readonly string[]> {
  const browser = servicesOf(services)
  const { found, audit } = visitor
  const { acr, amr, isPersistent, family } = found.record
  if (acr === '2') return []
  const all = [...new Set([...amr, ...methods, 'mfa'])]
  const proved = await browser.sessions.prove(found, { acr: '2', amr: all }, audit)
  if (!proved.ok) return []
  const lives = { isPersistent, expiresAt: family.expiresAt, now: services.now() }
  return tokenCookies(proved.value, lives, browser)
}
