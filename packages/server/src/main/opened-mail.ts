import type { Inbox } from '../mail/inbox.ts'
import type { MailSeals } from '../mail/seal-mail.ts'
import type { MailState } from '../mail/start-sender.ts'

/** Mail of this process. */
export interface OpenedMail {
  readonly seals: MailSeals
  /** Absent where no mail leaves. */
  readonly state: (() => MailState) | undefined
  /** Present in `dev`, where mail stays on this machine. */
  readonly inbox: Inbox | undefined
}
