import type { MailService } from '../endpoints/mail-service.ts'
import { createMailLimits } from '../limits/mail-limits.ts'
import { createMailComposer } from '../mail/compose-mail.ts'
import type { Store } from '../store/port/store.ts'
import type { OpenedMail } from './opened-mail.ts'
import type { System } from './system.ts'

/** Makes the service of the routes that cause mail. */
export function mailServiceOf(parts: {
  readonly mail: OpenedMail
  readonly store: Pick<Store, 'counters'>
  readonly system: Pick<System, 'randomId'>
}): MailService {
  const { seals, state, inbox } = parts.mail
  return {
    enabled: state !== undefined,
    state,
    inbox,
    ...createMailComposer({ seals, randomId: parts.system.randomId }),
    ...createMailLimits(parts.store.counters),
  }
}
