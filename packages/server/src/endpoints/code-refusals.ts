import type { HttpRequest } from '../http/exchange.ts'
import type { FactorUse } from '../store/port/factor-records.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { CodeRefusal } from '../users/factors/second-factors.ts'
import { composeNotices, type NoticedAct } from './notices.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'

/** Gives the trouble of a refused code for its page. */
export function codeTrouble(refusal: CodeRefusal, triesLeft?: number) {
  switch (refusal.reason) {
    case 'code_malformed':
      return { reason: 'code_missing' } as const
    case 'code_wrong':
      return { reason: 'code_wrong', triesLeft } as const
    case 'code_used':
      return { reason: 'code_used', seconds: refusal.nextInSeconds } as const
    case 'too_many_codes':
      return { reason: 'throttled', seconds: refusal.retryAfterSeconds } as const
  }
}

/** Writes why a code was refused. Its user has proven the password. */
export function noteRefusedCode(
  { reason }: CodeRefusal,
  { id }: Pick<UserRecord, 'id'>,
  { address, requestId }: HttpRequest,
  services: Pick<Services, 'browserServices' | 'collector'>,
): void {
  const { clientId } = servicesOf(services)
  const facts = { clientId, userId: id, reason, count: 1, requestId, address, actor: null }
  services.collector.add({ event: 'sign_in_refused', ...facts })
}

/** Makes the mail that tells a user of the use of a recovery code. A code of an app causes none. */
export async function composeUse(
  act: NoticedAct,
  use: FactorUse,
  services: Pick<Services, 'browserServices' | 'mail' | 'now'>,
): Promise<readonly NewMail[]> {
  if (use.kind === 'totp') return []
  const { store } = servicesOf(services)
  const { recoveryCodesLeft } = await store.users.factors(act.user.id)
  const link = `/account/security/recovery-codes?lang=${act.lang}` as const
  return composeNotices(act, services, (origin) => ({
    template: 'recovery_used',
    args: { ...origin, codesLeft: Math.max(0, recoveryCodesLeft - 1), link },
  }))
}
