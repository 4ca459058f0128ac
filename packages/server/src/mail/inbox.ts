import type { EpochSeconds } from '@countersign/jwt'
import type { MailTransport, OutgoingMail } from './mail-transport.ts'

/** Mail that did not leave this machine. */
export interface InboxMail extends OutgoingMail {
  readonly arrivedAt: EpochSeconds
}

/** The inbox of `dev`. */
export interface Inbox {
  /** The newest first. */
  readonly list: () => readonly InboxMail[]
  readonly find: (id: string) => InboxMail | undefined
}

/** The mails that are kept at most. */
const mailsMax = 50

/** Makes a transport that keeps mail in memory, for a developer to read. */
export function createInbox(deps: {
  readonly now: () => EpochSeconds
  /** Shows each mail as it arrives. */
  readonly show: (mail: InboxMail) => void
}): Inbox & MailTransport {
  let mails: readonly InboxMail[] = []
  return {
    list: () => mails,
    find: (id) => mails.find((mail) => mail.id === id),
    async send(mail) {
      const arrived = { ...mail, arrivedAt: deps.now() }
      mails = [arrived, ...mails.filter(({ id }) => id !== mail.id)].slice(0, mailsMax)
      deps.show(arrived)
      return { outcome: 'sent', reply: 'kept in memory' }
    },
    close: () => undefined,
  }
}
