import type { MailServer } from '../config/mail-server.ts'
import { judgeSmtpFailure } from './judge-smtp.ts'
import type { MailTransport, OutgoingMail } from './mail-transport.ts'

/** The sender of all mail. */
export interface MailSender {
  /** One plain address. */
  readonly address: string
  readonly name: string
}

/** Units: milliseconds. */
export interface SmtpTimes {
  readonly connectMs: number
  /** A connection without an answer for so long is given up. */
  readonly silenceMs: number
  /** One mail is given up after so long in all. It is less than the lease of a mail. */
  readonly sendMs: number
}

const smtpTimes: SmtpTimes = { connectMs: 10_000, silenceMs: 20_000, sendMs: 60_000 }

/** The connections to the mail server at most. */
const connectionsMax = 5

/**
 * Makes the transport to a mail server. The SMTP client is loaded with the first mail.
 * Why TLS is required: a code or a link that others read opens the account.
 * Not checked: whether the server passes the mail on.
 */
export function createSmtpTransport(
  server: MailServer,
  from: MailSender,
  times: SmtpTimes = smtpTimes,
): MailTransport {
  let loaded: Promise<Client> | undefined
  return {
    async send(mail) {
      try {
        const client = await (loaded ??= connect(server, times))
        const signal = AbortSignal.timeout(times.sendMs)
        const { response } = await client.sendMail({ ...messageOf(mail, from), signal })
        return { outcome: 'sent', reply: response }
      } catch (thrown) {
        return judgeSmtpFailure(thrown)
      }
    },
    async close() {
      const client = await loaded
      client?.close({ force: true })
    },
  }
}

type Client = Awaited<ReturnType<typeof connect>>

async function connect(
  { host, port, tls, user, password }: MailServer,
  { connectMs, silenceMs }: SmtpTimes,
) {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'immediate',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { minVersion: 'TLSv1.2' },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    maxConnections: connectionsMax,
    // The outbox repeats.
    maxRequeues: 0,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  })
}

/** Only the checked address comes from outside. A repeat of a mail is the same message, down to its id and date. */
function messageOf({ id, createdAt, to, subject, text, html }: OutgoingMail, from: MailSender) {
  return {
    from: { name: inOneLine(from.name), address: from.address },
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject: inOneLine(subject),
    text,
    html,
    date: new Date(createdAt * 1000),
    messageId: `<${id}@${from.address.slice(from.address.indexOf('@') + 1)}>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      // Why: without it Exchange answers with a note of absence.
      'X-Auto-Response-Suppress': 'All',
    },
  }
}

function inOneLine(text: string): string {
  return Array.from(text, (letter) => (letter < ' ' || letter === '\u007F' ? ' ' : letter)).join('')
}
