import type { MailValues } from '../mail/mail-templates.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { AccountRequest } from './account-visitor.ts'
import { composeNotices } from './notices.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'

/** Makes the mail that tells a user of a change of second factors. */
export async function noticeFactorChange(
  { request, visitor, lang }: Pick<AccountRequest, 'request' | 'visitor' | 'lang'>,
  change: MailValues['second_factor_changed']['change'],
  services: Pick<Services, 'browserServices' | 'mail' | 'now'>,
): Promise<readonly NewMail[]> {
  const user = await servicesOf(services).store.users.find(visitor.found.record.userId)
  if (user === undefined) return []
  return composeNotices({ user, request, lang }, services, (origin) => ({
    template: 'second_factor_changed',
    args: { ...origin, change, link: '/account/security' },
  }))
}
