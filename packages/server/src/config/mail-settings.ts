import { readMailServer, type MailServer } from './mail-server.ts'

/** How mail leaves the service. */
export interface MailSettings {
  readonly server: MailServer
  /** The address that mail comes from. */
  readonly from: string
}

/** The settings of mail, each of which was read. */
export interface MailConfig {
  readonly mailServer?: string | undefined
  readonly mailPassword?: string | undefined
  readonly mailFrom?: string | undefined
  readonly mailPlainUnsafe?: string | undefined
}

/** Joins the settings of mail; absent where no mail leaves. */
export function mailSettingsOf(config: MailConfig): MailSettings | undefined {
  const { mailFrom: from, mailPassword: password } = config
  const server = serverOf(config)
  if (server === undefined || from === undefined) return undefined
  const isPlain = config.mailPlainUnsafe === server.host
  return {
    from,
    server: {
      ...server,
      ...(password === undefined ? {} : { password }),
      ...(isPlain ? { tls: 'none' } : {}),
    },
  }
}

/** The demands on the settings of mail as a whole. */
export function mailProblems(config: MailConfig): readonly string[] {
  const { mailFrom: from, mailPassword: password, mailPlainUnsafe: plainHost } = config
  const server = serverOf(config)
  if (config.mailServer === undefined) {
    const alone = [
      ['COUNTERSIGN_MAIL_FROM', from],
      ['COUNTERSIGN_MAIL_PASSWORD', password],
      ['COUNTERSIGN_MAIL_PLAIN_UNSAFE', plainHost],
    ].flatMap(([name, value]) => (value === undefined ? [] : [name]))
    return alone.map((name) => `${name} has no effect without COUNTERSIGN_MAIL_SERVER: set both.`)
  }
  if (server === undefined) return []
  const problems: string[] = []
  if (from === undefined)
    problems.push(
      'COUNTERSIGN_MAIL_FROM is missing: give the address that mail comes from, such as id@example.com.',
    )
  if (server.user === undefined && password !== undefined)
    problems.push(
      'COUNTERSIGN_MAIL_PASSWORD belongs to no user: write the user into COUNTERSIGN_MAIL_SERVER, as in smtp://user@host.',
    )
  if (server.user !== undefined && password === undefined)
    problems.push(
      'COUNTERSIGN_MAIL_SERVER has a user without a password: name its file with COUNTERSIGN_MAIL_PASSWORD_FILE.',
    )
  if (plainHost === undefined) return problems
  if (plainHost !== server.host || server.tls === 'immediate')
    problems.push(
      'COUNTERSIGN_MAIL_PLAIN_UNSAFE is not the host of an smtp:// address in COUNTERSIGN_MAIL_SERVER: correct it, or remove it.',
    )
  else if (server.user !== undefined)
    problems.push(
      'COUNTERSIGN_MAIL_PLAIN_UNSAFE would send the password of the mail server without TLS: remove it, or remove the user.',
    )
  return problems
}

/** Absent where the address is missing, or where it is none, which is a problem of its own. */
function serverOf({ mailServer }: MailConfig): MailServer | undefined {
  const read = mailServer === undefined ? undefined : readMailServer(mailServer)
  return read?.ok === true ? read.value : undefined
}
