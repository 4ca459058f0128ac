import type { MailService } from '../endpoints/mail-service.ts'
import type { KeyRing } from '../keys/ring.ts'
import { createMailLimits } from '../limits/mail-limits.ts'
import { createMailComposer } from '../mail/compose-mail.ts'
import { createMailSeals } from '../mail/seal-mail.ts'
import type { Store } from '../store/port/store.ts'
import type { System } from './system.ts'

/** Makes the service of the routes that cause mail. */
export function mailServiceOf(parts: {
  readonly sendsMail: boolean
  readonly store: Store
  readonly ring: KeyRing
  readonly system: Pick<System, 'randomBytes' | 'randomId'>
}): MailService {
  const { randomBytes, randomId } = parts.system
  const seals = createMailSeals({ secret: parts.ring.secret('mail'), randomBytes })
  return {
    enabled: parts.sendsMail,
    ...createMailComposer({ seals, randomId }),
    ...createMailLimits(parts.store.counters),
  }
}
