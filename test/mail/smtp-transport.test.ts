import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { MailServer } from '../../packages/server/src/config/mail-server.ts'
import type { OutgoingMail } from '../../packages/server/src/mail/mail-transport.ts'
import { createSmtpTransport } from '../../packages/server/src/mail/smtp-transport.ts'
import { makeCertificate, startSmtp, type SmtpDouble, type SmtpReplies } from './smtp-double.ts'

const from = { address: 'id@example.com', name: 'Example ID' }
const mail: OutgoingMail = {
  id: 'm1',
  createdAt: 1_795_960_920 as EpochSeconds,
  to: 'Wren@example.org',
  subject: 'Your code for Example ID is 4Q7K-M2XP',
  text: 'Your code is 4Q7K-M2XP\n\n„Grüße“\n',
  html: '<h1>Your code is 4Q7K-M2XP</h1>',
}
const times = { connectMs: 500, silenceMs: 500, sendMs: 1_500 }
const trusted = await makeCertificate('localhost')
const usualCertificates = getCACertificates('default')

beforeAll(() => setDefaultCACertificates([...usualCertificates, trusted.cert]))
afterAll(() => setDefaultCACertificates(usualCertificates))

async function start(options?: Parameters<typeof startSmtp>[0]): Promise<SmtpDouble> {
  const double = await startSmtp(options)
  onTestFinished(() => double.close())
  return double
}

/** Sends one mail over a transport of its own. */
async function send(port: number, over: Partial<MailServer> = {}, what: OutgoingMail = mail) {
  const server: MailServer = { host: 'localhost', port, tls: 'starttls', ...over }
  const transport = createSmtpTransport(server, from, times)
  onTestFinished(() => transport.close())
  return transport.send(what)
}

describe('a mail', () => {
  it.each([
    ['STARTTLS', 'starttls', {}],
    ['TLS from the first byte', 'immediate', { secure: true }],
  ] as const)('leaves by %s, with a password', async (_, tls, options) => {
    const double = await start({ ...trusted, ...options })
    const outcome = await send(double.port, { tls, user: 'id', password: 'right' })
    expect(outcome).toMatchObject({ outcome: 'sent' })
    expect(double.messages).toMatchObject([
      { from: 'id@example.com', to: ['Wren@example.org'], isEncrypted: true, user: 'id' },
    ])
  })

  it('has the headers of an automatic mail, an id and a date that a repeat keeps, and both forms', async () => {
    const double = await start(trusted)
    await send(double.port)
    await send(double.port)
    const [message, repeat] = double.messages
    expect(Object.fromEntries(message?.headers ?? [])).toMatchObject({
      from: 'Example ID <id@example.com>',
      to: 'Wren@example.org',
      subject: 'Your code for Example ID is 4Q7K-M2XP',
      'message-id': '<m1@example.com>',
      date: 'Sun, 29 Nov 2026 14:02:00 +0000',
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      'content-type': expect.stringContaining('multipart/alternative'),
    })
    for (const kind of ['text/plain', 'text/html'])
      expect(message?.source).toContain(`Content-Type: ${kind}; charset=utf-8`)
    for (const name of ['message-id', 'date'])
      expect(repeat?.headers.get(name)).toBe(message?.headers.get(name))
    expect(
      [...(message?.headers.keys() ?? [])].filter((name) => /^(?:b?cc|x-mailer)$/u.test(name)),
    ).toEqual([])
  })

  it('has one line for each header, whatever the name of the service holds', async () => {
    const double = await start(trusted)
    const server: MailServer = { host: 'localhost', port: double.port, tls: 'starttls' }
    const transport = createSmtpTransport(
      server,
      { address: from.address, name: 'A\r\nBcc: thief@example.net' },
      times,
    )
    onTestFinished(() => transport.close())
    await transport.send({ ...mail, subject: 'B\r\nBcc: thief@example.net' })
    const [message] = double.messages
    expect(message?.to).toEqual(['Wren@example.org'])
    expect(message?.headers.has('bcc')).toBe(false)
    expect(message?.headers.get('subject')).toBe('B  Bcc: thief@example.net')
  })

  it('leaves without TLS only to the host of the exception', async () => {
    const double = await start()
    expect(await send(double.port, { tls: 'none' })).toMatchObject({ outcome: 'sent' })
    expect(double.messages).toMatchObject([{ isEncrypted: false }])
  })
})

describe('no mail and no password leaves', () => {
  it('without TLS', async () => {
    const double = await start()
    expect(await send(double.port, { user: 'id', password: 'right' })).toMatchObject({
      outcome: 'refused',
      trouble: 'tls_missing',
      isFinal: false,
      concerns: 'server',
    })
    expect([double.messages, double.logins]).toEqual([[], []])
  })

  it.each([
    ['of an unknown authority', async () => makeCertificate('localhost')],
    [
      'of another host',
      async () => {
        const other = await makeCertificate('other.example')
        setDefaultCACertificates([...usualCertificates, trusted.cert, other.cert])
        return other
      },
    ],
  ])('to a server with a certificate %s', async (_, certificate) => {
    for (const [tls, options] of [
      ['starttls', {}],
      ['immediate', { secure: true }],
    ] as const) {
      const double = await start({ ...(await certificate()), ...options })
      expect(await send(double.port, { tls, user: 'id', password: 'right' })).toMatchObject({
        outcome: 'refused',
        trouble: 'tls_failed',
        concerns: 'server',
      })
      expect([double.messages, double.logins]).toEqual([[], []])
    }
  })
})

describe('a refusal is read', () => {
  it.each<[SmtpReplies, object]>([
    [
      { atRecipient: 550 },
      { trouble: 'recipient_refused', isFinal: true, concerns: 'mail', code: 550 },
    ],
    [{ atRecipient: 450 }, { trouble: 'later', isFinal: false, concerns: 'mail', code: 450 }],
    [
      { atSender: 550 },
      { trouble: 'sender_refused', isFinal: false, concerns: 'server', code: 550 },
    ],
    [{ atSender: 451 }, { trouble: 'later', isFinal: false, concerns: 'mail' }],
    [{ atData: 554 }, { trouble: 'message_refused', isFinal: true, concerns: 'mail', code: 554 }],
    [{ atData: 452 }, { trouble: 'later', isFinal: false, concerns: 'mail', code: 452 }],
  ])('%j', async (refuseWith, expected) => {
    const double = await start(trusted)
    double.refuseWith = refuseWith
    expect(await send(double.port)).toMatchObject({ outcome: 'refused', ...expected })
  })

  it('of a password', async () => {
    const double = await start(trusted)
    expect(await send(double.port, { user: 'id', password: 'wrong' })).toMatchObject({
      trouble: 'authentication',
      isFinal: false,
      concerns: 'server',
      code: 535,
    })
  })

  it('of a connection', async () => {
    const double = await startSmtp()
    await double.close()
    expect(await send(double.port)).toMatchObject({
      trouble: 'connection_refused',
      isFinal: false,
      concerns: 'server',
    })
  })

  it('of a host without an address', async () => {
    expect(await send(587, { host: 'smtp.invalid' })).toMatchObject({ trouble: 'host_unknown' })
  })

  it.each([
    ['says nothing', () => undefined, 'timeout'],
    ['closes at once', (socket: Socket) => socket.destroy(), 'connection_lost'],
    [
      'says a bit more again and again',
      (socket: Socket) => {
        const timer = setInterval(() => socket.write('220-wait\r\n'), 100)
        socket.on('error', () => undefined).on('close', () => clearInterval(timer))
      },
      'timeout',
    ],
  ])('of a server that %s', async (_, onConnection, trouble) => {
    const server = createServer(onConnection).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    expect(await send(port)).toMatchObject({ trouble, isFinal: false, concerns: 'server' })
  })
})
