import type { MailSecrets } from '../sessions/mail-secrets.ts'
import type { NewMail } from '../store/port/outbox-verbs.ts'
import { undoSeconds, type TicketPayloads } from '../store/port/proof-verbs.ts'
import { anyBrowser, type NewMailTicket, type ShownTicket } from '../store/port/ticket-verbs.ts'
import type { UserName } from '../store/port/user-records.ts'
import { originOf, type MailFlowServices } from './mail-flow.ts'
import type { OpenPage } from './open-page.ts'

/** The ticket and the mails with which proven addresses undo a change. */
export interface ChangeNotice {
  /** Absent where no address was proven before. */
  readonly undo: NewMailTicket | undefined
  readonly mail: readonly NewMail[]
}

type Payload = TicketPayloads['change_address']

/**
 * Makes one mail to each address that was proven before a change, with the link that undoes it.
 * Why all of them: a new password can be asked for with each address, so a thief must not add one in silence.
 * Source: OWASP ASVS 5.0 6.3.7.
 */
export function noticeAddressChange(
  {
    ticket,
    payload,
    addresses,
  }: {
    readonly ticket: Pick<ShownTicket, 'nameKey' | 'userId'>
    readonly payload: Payload
    /** The addresses of the account. */
    readonly addresses: readonly UserName[]
  },
  secrets: MailSecrets,
  page: Pick<OpenPage, 'request' | 'lang'>,
  services: Pick<MailFlowServices, 'mail' | 'now'>,
): ChangeNotice {
  const { address, formerKey } = payload
  const proven = addresses.filter(
    ({ key, verifiedAt }) => verifiedAt !== null && key !== ticket.nameKey,
  )
  const former = proven.find(({ key }) => key === formerKey)
  const undoer = former ?? proven[0]
  if (undoer === undefined) return { undo: undefined, mail: [] }
  const { lang } = page
  const common = {
    ...originOf(page, services),
    address,
    link: `/undo-address?link=${secrets.link}&lang=${lang}`,
    linkSeconds: undoSeconds,
  } as const
  const mail = proven.map(({ shown, key }) => {
    const to = { to: shown, recipientKey: key, lang, userId: ticket.userId }
    return former === undefined
      ? services.mail.compose({ ...to, template: 'address_added', args: common })
      : services.mail.compose({
          ...to,
          template: 'address_changed',
          args: { ...common, former: former.shown },
        })
  })
  return { undo: undoTicket(secrets, undoer.key, { former: undoer.shown, address }), mail }
}

function undoTicket(
  { hash, linkHash, codeHash }: MailSecrets,
  nameKey: UserName['key'],
  payload: TicketPayloads['undo_address'],
): NewMailTicket {
  return {
    purpose: 'undo_address',
    hash,
    linkHash,
    codeHash,
    browserHash: anyBrowser,
    userId: null,
    nameKey,
    payload: JSON.stringify(payload),
    attemptsMax: 1,
    ttlSeconds: undoSeconds,
    codeTtlSeconds: 0,
  }
}
