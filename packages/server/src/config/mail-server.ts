import { ok, refuse, type Result } from '@countersign/jwt'

/** A mail server that takes mail from this service. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** `immediate`: TLS from the first byte. `starttls`: TLS before anything else is sent. `none`: an unsafe exception. */
  readonly tls: 'immediate' | 'starttls' | 'none'
  readonly user?: string | undefined
  readonly password?: string | undefined
}

/** Why a text is no mail server: a verb and a remedy, to be put behind the name of the setting. */
interface MailServerRefusal {
  readonly reason: 'no_mail_server'
  readonly problem: string
}

/** Source: RFC 6409 §3.1; RFC 8314 §3.3. */
const portDefaults = { smtp: 587, smtps: 465 } as const

/**
 * Reads the address of a mail server: `smtps://user@host:465` or `smtp://user@host:587`.
 * Refuses: `no_mail_server` with the problem, which holds no part of the text.
 * Why a password is refused: addresses are printed, and a password has a setting of its own.
 */
export function readMailServer(text: string): Result<MailServer, MailServerRefusal> {
  const scheme = text.startsWith('smtps://') ? 'smtps' : text.startsWith('smtp://') ? 'smtp' : ''
  if (scheme === '') return problem('must be an address such as smtp://user@smtp.example.com:587.')
  const parsed = URL.parse(text)
  if (parsed === null || parsed.hostname === '')
    return problem('has no host: write smtp://host:port.')
  if (parsed.password !== '')
    return problem('has a password: remove it, and give it as COUNTERSIGN_MAIL_PASSWORD_FILE.')
  const rest = parsed.pathname.replace('/', '') + parsed.search + parsed.hash
  if (rest !== '') return problem('has more than a user, a host and a port: remove the rest.')
  const user = decode(parsed.username)
  if (user === undefined) return problem('has a user that is not percent-encoded: write %40 for @.')
  return ok({
    host: withoutBrackets(parsed.hostname),
    port: parsed.port === '' ? portDefaults[scheme] : Number(parsed.port),
    tls: scheme === 'smtps' ? 'immediate' : 'starttls',
    ...(user === '' ? {} : { user }),
  })
}

function problem(text: string) {
  return refuse<MailServerRefusal>({ reason: 'no_mail_server', problem: text })
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
