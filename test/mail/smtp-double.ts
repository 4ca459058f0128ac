import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server'

/** A message as the mail server took it. */
export interface TakenMessage {
  readonly from: string
  readonly to: readonly string[]
  readonly isEncrypted: boolean
  readonly user: string | undefined
  /** The headers by their names in small letters, unfolded. */
  readonly headers: ReadonlyMap<string, string>
  readonly source: string
}

/** The replies of a mail server to one recipient. Default: it takes everything. */
export interface SmtpReplies {
  readonly atSender?: number
  readonly atRecipient?: number
  readonly atData?: number
}

export interface SmtpDouble {
  readonly port: number
  readonly messages: readonly TakenMessage[]
  /** The users that tried to log in. */
  readonly logins: readonly string[]
  /** The codes with which the server refuses from now on. */
  refuseWith: SmtpReplies
  /** Is called after a message was taken and before the reply leaves. */
  beforeReply: (message: TakenMessage) => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a real mail server on a free port. It wants TLS where it has a certificate. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<SmtpDouble> {
  const messages: TakenMessage[] = []
  const logins: string[] = []
  /** Takes a message; gives the refusal, where there is one. */
  async function take(
    stream: SMTPServerDataStream,
    { envelope, secure, user }: SMTPServerSession,
  ): Promise<Error | undefined> {
    const source = await text(stream)
    const refused = failure(double.refuseWith.atData)
    if (refused !== undefined) return refused
    const message: TakenMessage = {
      from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
      to: envelope.rcptTo.map(({ address }) => address),
      isEncrypted: secure,
      user,
      headers: readHeaders(source),
      source,
    }
    messages.push(message)
    await double.beforeReply(message)
    return undefined
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.cert === undefined ? ['STARTTLS'] : [],
    closeTimeout: 100,
    onAuth({ username = '', password }, _, done) {
      logins.push(username)
      if (password === 'right') done(null, { user: username })
      else done(failure(535))
    },
    onMailFrom: (_address, _session, done) => done(failure(double.refuseWith.atSender)),
    onRcptTo: (_address, _session, done) => done(failure(double.refuseWith.atRecipient)),
    async onData(stream, session, done) {
      done(await take(stream, session))
    },
    ...options,
  })
  // A client that refuses the certificate is an error of its connection alone.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  const double: SmtpDouble = {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    messages,
    logins,
    refuseWith: {},
    beforeReply: async () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
  return double
}

function failure(code: number | undefined): Error | undefined {
  return code === undefined
    ? undefined
    : Object.assign(new Error('refused by the test'), { responseCode: code })
}

function readHeaders(source: string): ReadonlyMap<string, string> {
  const head = source.slice(0, source.indexOf('\r\n\r\n'))
  const lines = head.replaceAll(/\r\n[ \t]+/gu, ' ').split('\r\n')
  return new Map(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    }),
  )
}

/** Makes a certificate for a host name, signed by itself. */
export async function makeCertificate(
  host: string,
): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-smtp-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const name = ['-days', '2', '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  await promisify(execFile)('openssl', ['req', ...kind, ...name, '-keyout', key, '-out', cert])
  const made = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  await rm(folder, { recursive: true })
  return made
}
