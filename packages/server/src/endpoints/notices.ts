import type { HttpRequest } from '../http/exchange.ts'
import type { MailContents } from '../mail/mail-templates.ts'
import { languages, type Language } from '../pages/language.ts'
import { labelAgent } from '../sessions/agent-label.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import type { UserRecord } from '../store/port/user-records.ts'
import type { Services } from './services.ts'

/** The act of a person that a notice is about. */
export interface NoticedAct {
  readonly user: Pick<UserRecord, 'id' | 'names' | 'profile'>
  readonly request: Pick<HttpRequest, 'headers'>
  /** The language of the page. The one of the profile comes first. */
  readonly lang: Language
}

/**
 * Makes one mail for each proven address of a user, in the language of the user. Empty where no mail leaves.
 * Why all addresses: a thief of one mailbox must not be able to hide a change.
 * Source: OWASP ASVS 5.0 6.3.7.
 */
export function composeNotices(
  act: NoticedAct,
  { mail, now }: Pick<Services, 'mail' | 'now'>,
  contentsOf: (origin: {
    readonly at: ReturnType<typeof now>
    readonly browser: string
  }) => MailContents,
): readonly NewMail[] {
  if (!mail.enabled) return []
  const { user, request, lang } = act
  const contents = contentsOf({ at: now(), browser: labelAgent(request.headers['user-agent']) })
  return user.names
    .filter(({ kind, verifiedAt }) => kind === 'address' && verifiedAt !== null)
    .map(({ shown, key }) =>
      mail.compose({
        to: shown,
        recipientKey: key,
        lang: languageOfUser(user, lang),
        userId: user.id,
        ...contents,
      }),
    )
}

function languageOfUser({ profile }: Pick<UserRecord, 'profile'>, lang: Language): Language {
  const primary = profile.locale?.toLowerCase().split('-')[0]
  return languages.find((known) => known === primary) ?? lang
}
