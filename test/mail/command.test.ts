import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { mailRemedies } from '../../packages/server/src/mail/mail-remedies.ts'
import { typeLine } from '../cli/type-line.ts'
import { makeCertificate, startSmtp, type SmtpReplies } from './smtp-double.ts'

const trusted = await makeCertificate('localhost')
const stranger = await makeCertificate('localhost')
const usualCertificates = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...usualCertificates, trusted.cert]))
afterAll(() => setDefaultCACertificates(usualCertificates))

const to = 'ann@example.org'

async function start(options?: Parameters<typeof startSmtp>[0], replies: SmtpReplies = {}) {
  const double = await startSmtp(options)
  double.refuseWith = replies
  onTestFinished(() => double.close())
  return double
}

const at = (port: number) => ({
  COUNTERSIGN_MAIL_SERVER: `smtp://localhost:${port}`,
  COUNTERSIGN_MAIL_FROM: 'id@example.com',
  COUNTERSIGN_ISSUER: 'https://id.example.com',
  COUNTERSIGN_SERVICE_NAME: 'Example ID',
})

const test = (environment: Readonly<Record<string, string>>, ...more: readonly string[]) =>
  typeLine(['mail', 'test', to, ...more], { environment })

describe('countersign mail test', () => {
  it('sends one mail with the name and the texts of the service', async () => {
    const double = await start(trusted)
    const folder = await mkdtemp(join(tmpdir(), 'countersign-texts-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const texts = join(folder, 'texts.toml')
    await writeFile(texts, '[de.mail_test]\nlines = ["Das ist ein Versuch von {site}."]\n')
    const environment = { ...at(double.port), COUNTERSIGN_MAIL_TEXTS: texts }
    const { code, stdout, stderr } = await test(environment, '--lang', 'de')
    expect(code).toBe(0)
    expect(stdout).toMatch(/outcome +sent\nserver +localhost:\d+\nfrom +id@example\.com\nto +ann@/u)
    expect(stderr).toContain('look in the spam folder')
    expect(double.messages).toMatchObject([{ from: 'id@example.com', to: [to], isEncrypted: true }])
    expect(double.messages[0]?.headers.get('subject')).toBe('Ein Test der E-Mails von Example ID')
    expect(double.messages[0]?.source).toContain('Das ist ein Versuch von Example ID.')
  })

  it('prints one value for a program', async () => {
    const double = await start(trusted)
    const { code, stdout } = await test(at(double.port), '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      outcome: 'sent',
      server: `localhost:${double.port}`,
      from: 'id@example.com',
      to,
      reply: expect.stringContaining('250'),
    })
  })

  it.each([
    ['tls_missing', {}, {}],
    ['tls_failed', stranger, {}],
    ['sender_refused', trusted, { atSender: 553 }],
    ['recipient_refused', trusted, { atRecipient: 550 }],
    ['message_refused', trusted, { atData: 554 }],
    ['later', trusted, { atRecipient: 450 }],
  ] as const)('says the remedy of %s', async (trouble, options, replies) => {
    const double = await start(options, replies)
    const { code, stdout, stderr } = await test(at(double.port))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(
      `localhost:${double.port} took no mail (${trouble}): ${mailRemedies[trouble]}`,
    )
    expect(stderr.includes('refused by the test')).toBe(Object.keys(replies).length > 0)
    const asJson = await test(at(double.port), '--json')
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: trouble })
  })

  it('says the remedy of a password that is wrong, and never shows it', async () => {
    const double = await start(trusted)
    const environment = {
      ...at(double.port),
      COUNTERSIGN_MAIL_SERVER: `smtp://id@localhost:${double.port}`,
      COUNTERSIGN_MAIL_PASSWORD: 'sS3cret-wrong',
    }
    const { code, stderr } = await test(environment)
    expect(code).toBe(1)
    expect(stderr).toContain(`(authentication): ${mailRemedies.authentication}`)
    expect(stderr).not.toContain('S3cret')
  })

  it('says the remedy of a server that is not there', async () => {
    const double = await startSmtp()
    await double.close()
    const { code, stderr } = await test(at(double.port))
    expect(code).toBe(1)
    expect(stderr).toContain(`(connection_refused): ${mailRemedies.connection_refused}`)
  })

  it.each([
    ['no mail server', [to], {}, 'COUNTERSIGN_MAIL_SERVER is missing'],
    [
      'no sender',
      [to],
      { COUNTERSIGN_MAIL_SERVER: 'smtp://localhost' },
      'COUNTERSIGN_MAIL_FROM is missing',
    ],
    ['two addresses in one', ['a@x.example,b@x.example'], at(1), 'is not one plain mail address'],
    ['a name before the address', ['Ann <a@x.example>'], at(1), 'is not one plain mail address'],
  ] as const)('sends nothing with %s', async (_, words, environment, sentence) => {
    const { code, stderr } = await typeLine(['mail', 'test', ...words], { environment })
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
  })
})
