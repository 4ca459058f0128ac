import type { Log } from '../http/log.ts'
import type { KeyRing } from '../keys/ring.ts'
import { createInbox } from '../mail/inbox.ts'
import type { MailTransport } from '../mail/mail-transport.ts'
import { createMailSeals } from '../mail/seal-mail.ts'
import { createSmtpTransport } from '../mail/smtp-transport.ts'
import { startSender } from '../mail/start-sender.ts'
import type { Store } from '../store/port/store.ts'
import type { MailOptions } from './mail-options.ts'
import { mailSiteOf } from './mail-site.ts'
import type { OpenedMail } from './opened-mail.ts'
import type { PageSettings } from './page-settings.ts'
import type { Closers, ServiceSettings } from './settings.ts'
import type { System } from './system.ts'

/** Starts the sender of mail, where mail leaves. */
export function openMail(
  { store, ring }: { readonly store: Store; readonly ring: KeyRing },
  { issuer, mail, pages }: Pick<ServiceSettings, 'issuer' | 'mail' | 'pages'>,
  { now, randomId, randomBytes }: System,
  log: Log,
  onFault: (fault: unknown) => void,
  closers: Closers,
): OpenedMail {
  const seals = createMailSeals({ secret: ring.secret('mail'), randomBytes })
  const { show, catalogues } = mail ?? {}
  const inbox = show === undefined ? undefined : createInbox({ now, show })
  const transport = inbox ?? transportOf(mail, issuer, pages)
  if (transport === undefined) return { seals, state: undefined, inbox }
  const rendering = { site: mailSiteOf(issuer, pages), ...(catalogues && { catalogues }) }
  const sender = startSender({
    outbox: store.outbox,
    seals,
    transport,
    rendering,
    now,
    randomId,
    log,
    onFault,
  })
  closers.push(() => sender.stop())
  return { seals, state: sender.state, inbox }
}

function transportOf(
  mail: MailOptions | undefined,
  issuer: string,
  pages: PageSettings | undefined,
): MailTransport | undefined {
  const { settings } = mail ?? {}
  if (settings === undefined) return undefined
  const { name } = mailSiteOf(issuer, pages)
  return createSmtpTransport(settings.server, { address: settings.from, name })
}
