import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochSeconds } from '@countersign/jwt'
import { expect, onTestFinished, test, vi } from 'vitest'
import { keyTimes } from '../../packages/server/src/config/defaults.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import {
  createMailComposer,
  type MailRequest,
} from '../../packages/server/src/mail/compose-mail.ts'
import { createMailSeals } from '../../packages/server/src/mail/seal-mail.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import { aFolder, startDev, type Run } from '../scenarios/dev.ts'
import { createDatabase } from '../postgres/shared.ts'
import { randomId } from '../store/ids.ts'
import { startSmtp } from './smtp-double.ts'

const now = () => (Date.now() / 1000) as EpochSeconds
const code = '4Q7K-M2XP'
const link = '/verify/t_9vX2'

/** Writes a mail to the outbox of a service, as a command does that runs next to it. */
async function writeMail(database: string, sealingKey: Uint8Array, to: string): Promise<string> {
  const store = await openStore(database, { now, randomId })
  const seals = createSeals(sealingKey, randomBytes)
  const ring = createKeyRing({
    store: store.keys,
    seals,
    times: keyTimes,
    now,
    randomId,
    randomBytes,
  })
  await ring.start()
  const mailSeals = createMailSeals({ secret: ring.secret('mail'), randomBytes })
  const request: MailRequest = {
    to,
    recipientKey: to,
    lang: 'en',
    template: 'verify_address',
    args: {
      at: now(),
      browser: 'Firefox on Linux',
      address: to,
      code,
      codeSeconds: 600,
      link,
      linkSeconds: 86_400,
    },
  }
  const mail = createMailComposer({ seals: mailSeals, randomId }).compose(request)
  await store.outbox.enqueue([mail])
  await store.close()
  return mail.id
}

const until = (check: () => boolean | Promise<boolean>) =>
  vi.waitFor(async () => expect(await check()).toBe(true), { timeout: 15_000, interval: 50 })

const answer = async ({ port }: Run, path: string) => {
  const reply = await fetch(`http://localhost:${port}${path}`)
  return { status: reply.status, headers: reply.headers, body: await reply.text() }
}

test('dev keeps mail in its inbox and prints it, and its links and its HTML are there', async () => {
  const run = await startDev({ env: { COUNTERSIGN_SESSION_AUDIENCE: 'https://app.test' } })
  onTestFinished(async () => void (await run.end()))
  expect((await answer(run, '/inbox')).body).toContain('No mail yet.')
  const data = join(run.folder, 'data')
  const sealingKey = Buffer.from(
    (await readFile(join(data, 'sealing.key'), 'utf8')).trim(),
    'base64url',
  )
  const id = await writeMail(join(data, 'countersign.db'), sealingKey, 'wren@example.org')
  await until(() => run.output().includes(code))
  expect(run.output()).toMatch(
    /\| To: wren@example\.org\n +\| Subject: Your code for .* is 4Q7K-M2XP/u,
  )

  const issuer = `http://localhost:${run.port}`
  const list = await answer(run, '/inbox?lang=en')
  expect([list.status, list.body.includes(`?mail=${id}`)]).toEqual([200, true])
  const one = await answer(run, `/inbox?mail=${id}`)
  expect(one.body).toContain(`href="${issuer}${link}"`)
  const asHtml = await answer(run, `/inbox/html?mail=${id}`)
  expect(asHtml.body).toContain(`href="${issuer}${link}"`)
  expect(asHtml.headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
  )
  for (const path of ['/inbox?mail=unknown', '/inbox/html?mail=unknown', '/inbox/html'])
    expect((await answer(run, path)).status).toBe(404)
})

test.each(['sqlite', 'postgres'] as const)(
  'serve on %s sends the mail of its outbox, and no log or metric shows who gets it',
  async (on) => {
    const server = await startSmtp()
    onTestFinished(() => server.close())
    const folder = aFolder()
    const sealingKey = randomBytes(32)
    const issuer = 'https://id.example.com'
    const postgres = on === 'postgres' ? await createDatabase() : undefined
    if (postgres !== undefined) onTestFinished(() => postgres.drop())
    const run = await startDev({
      args: ['serve', '--migrate'],
      folder,
      env: {
        HOST: '127.0.0.1',
        COUNTERSIGN_ISSUER: issuer,
        COUNTERSIGN_LOG_LEVEL: 'debug',
        COUNTERSIGN_KEY_ENCRYPTION_KEY: sealingKey.toString('base64url'),
        COUNTERSIGN_MAIL_SERVER: `smtp://127.0.0.1:${server.port}`,
        COUNTERSIGN_MAIL_PLAIN_UNSAFE: '127.0.0.1',
        COUNTERSIGN_MAIL_FROM: 'id@example.com',
        ...(postgres === undefined ? {} : { DATABASE_URL: postgres.url }),
      },
    })
    onTestFinished(async () => void (await run.end()))
    expect(run.output()).toContain(`127.0.0.1:${server.port} as id@example.com, without TLS`)
    const database = postgres?.url ?? join(folder, 'data', 'countersign.db')
    await writeMail(database, sealingKey, 'wren@example.org')
    await until(() => server.messages.length === 1)
    const [message] = server.messages
    expect(message?.to).toEqual(['wren@example.org'])
    expect(message?.source).toContain(`\r\n${issuer}${link}\r\n`)
    await until(async () => (await metrics(run)).includes('countersign_mail_waiting 0'))
    const shown = await metrics(run)
    expect(shown).toContain('countersign_mail_tries_total{outcome="sent"} 1')
    expect(shown).toContain('countersign_events_total{event="mail_sent",reason=""} 1')
    expect(run.output() + shown).not.toMatch(/wren|4Q7K|t_9vX2/u)
    expect((await answer(run, '/inbox')).status).toBe(404)
  },
  // The first connection to Postgres starts a server.
  120_000,
)

const metrics = async (run: Run) => {
  const reply = await fetch(`http://127.0.0.1:${run.port}/metrics`, {
    headers: { 'x-forwarded-proto': 'https' },
  })
  return reply.text()
}

test('serve names every problem of the settings of mail at once', async () => {
  const folder = aFolder()
  const texts = join(folder, 'texts.toml')
  await writeFile(texts, '[en.invite_by]\nsubject = "{by} invites you"\n')
  const env = {
    COUNTERSIGN_ISSUER: 'https://id.example.com',
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
    COUNTERSIGN_MAIL_SERVER: 'smtp://id@smtp.example.com',
    COUNTERSIGN_MAIL_TEXTS: texts,
  }
  const started = startDev({ args: ['serve'], folder, env })
  await expect(started).rejects.toThrow('COUNTERSIGN_MAIL_FROM is missing')
  await expect(started).rejects.toThrow('COUNTERSIGN_MAIL_SERVER has a user without a password')
  await expect(started).rejects.toThrow('en.invite_by.subject must be a line')
})
