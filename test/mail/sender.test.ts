import type { EpochSeconds } from '@countersign/jwt'
import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createMailComposer,
  type MailRequest,
} from '../../packages/server/src/mail/compose-mail.ts'
import type { MailTransport, OutgoingMail } from '../../packages/server/src/mail/mail-transport.ts'
import { createMailSeals } from '../../packages/server/src/mail/seal-mail.ts'
import { createSmtpTransport } from '../../packages/server/src/mail/smtp-transport.ts'
import { startSender, type SenderDeps } from '../../packages/server/src/mail/start-sender.ts'
import { databases, randomId, startOfTime, type TestDatabase } from '../store/databases.ts'
import { startSmtp, type SmtpDouble } from './smtp-double.ts'

const seals = createMailSeals({ secret: randomBytes(32), randomBytes })
const composer = createMailComposer({ seals, randomId })
const site = {
  name: 'Example ID',
  host: 'id.example.com',
  addressOf: (path: string) => `https://id.example.com${path}`,
}
const at = startOfTime
const aRequest: MailRequest = {
  to: 'wren@example.org',
  recipientKey: 'wren@example.org',
  lang: 'en',
  template: 'verify_address',
  args: {
    at,
    browser: 'Firefox on Linux',
    address: 'wren@example.org',
    code: '4Q7K-M2XP',
    codeSeconds: 600,
    link: '/verify/t_9vX2',
    linkSeconds: 86_400,
  },
}

describe.each(databases)('the sender of mail on $name', ({ start }) => {
  let database: TestDatabase
  let server: SmtpDouble
  let now = at
  let stops: (() => Promise<void>)[] = []
  let lines: string[] = []
  const onFault = vi.fn<(fault: unknown) => void>()
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    server = await startSmtp()
    onFault.mockClear()
    lines = []
  })
  afterEach(async () => {
    for (const stop of stops) await stop()
    stops = []
    await server.close()
    await database.sqlTogether(['delete from outbox', 'delete from audit'])
    await setNow(0)
  })

  async function setNow(seconds: number) {
    now = (at + seconds) as EpochSeconds
    await database.setNow(now)
  }

  function smtp(): MailTransport {
    const address = { host: '127.0.0.1', port: server.port, tls: 'none' } as const
    const times = { connectMs: 1_000, silenceMs: 2_000, sendMs: 4_000 }
    return createSmtpTransport(address, { address: 'id@example.com', name: 'Example ID' }, times)
  }

  function begin(over: Partial<SenderDeps> = {}) {
    const write = (_: unknown, message: string) => void lines.push(message)
    const sender = startSender({
      outbox: database.store.outbox,
      seals,
      transport: smtp(),
      rendering: { site },
      now: () => now,
      randomId,
      log: { debug: write, info: write, warn: write, error: write },
      onFault,
      pollMs: 20,
      ...over,
    })
    stops.push(sender.stop)
    return sender
  }

  const write = async (over: Partial<MailRequest> = {}) => {
    const mail = composer.compose({ ...aRequest, ...over } as MailRequest)
    await database.store.outbox.enqueue([mail])
    return mail.id
  }
  const rows = () => database.sql('select id, tries from outbox')
  /** Waits until a mail was tried so often and waits for its next try. */
  const postponed = (tries: number) =>
    until(async () => {
      const waiting = `select id from outbox where tries = ${tries} and claim is null`
      return (await database.sql(waiting)).length === 1
    })
  const events = async () => {
    const list = await database.store.audit.list(0, 100)
    return list.map(({ event }) => event)
  }
  const until = (check: () => Promise<boolean> | boolean) =>
    vi.waitFor(async () => expect(await check()).toBe(true), { timeout: 15_000, interval: 10 })

  it('sends a mail with its code, and its row is gone', async () => {
    const sender = begin()
    const id = await write()
    await until(async () => (await rows()).length === 0)
    expect(server.messages).toHaveLength(1)
    const [message] = server.messages
    expect(message?.to).toEqual(['wren@example.org'])
    expect(message?.headers.get('subject')).toBe('Your code for Example ID is 4Q7K-M2XP')
    expect(message?.headers.get('message-id')).toBe(`<${id}@example.com>`)
    expect(await events()).toMatchObject([{ event: 'mail_sent', mailId: id, tries: 1 }])
    expect(sender.state()).toMatchObject({ tries: { sent: 1, later: 0, failed: 0 } })
  })

  it('sends each of 30 mails once from two nodes', async () => {
    const second = await database.open()
    begin()
    begin({ outbox: second.outbox, transport: smtp() })
    const ids = await Promise.all(Array.from({ length: 30 }, () => write()))
    await until(async () => (await rows()).length === 0)
    const sent = server.messages.map(({ headers }) => headers.get('message-id'))
    expect(sent).toHaveLength(30)
    expect(new Set(sent)).toEqual(new Set(ids.map((id) => `<${id}@example.com>`)))
  })

  it('tries again after a minute, then after two, where the server says later', async () => {
    begin()
    server.refuseWith = { atRecipient: 450 }
    await write()
    await postponed(1)
    await setNow(59)
    await setNow(60)
    await postponed(2)
    await setNow(179)
    server.refuseWith = {}
    expect(server.messages).toHaveLength(0)
    await setNow(180)
    await until(async () => (await rows()).length === 0)
    expect(server.messages).toHaveLength(1)
    expect(await events()).toMatchObject([{ event: 'mail_sent', tries: 3 }])
  })

  it('leaves the code out of a mail that leaves after its end', async () => {
    server.refuseWith = { atRecipient: 450 }
    begin()
    await write()
    await postponed(1)
    server.refuseWith = {}
    await setNow(600)
    await until(() => server.messages.length === 1)
    expect(server.messages[0]?.source).not.toContain('4Q7K')
    expect(server.messages[0]?.source).toContain('Confirm that wren@example.org is yours')
  })

  it('gives a mail up at once where the server refuses the address, with an event', async () => {
    const sender = begin()
    server.refuseWith = { atRecipient: 550 }
    const id = await write()
    await until(async () => (await rows()).length === 0)
    expect(await events()).toMatchObject([
      { event: 'mail_failed', mailId: id, reason: 'recipient_refused', tries: 1 },
    ])
    expect(JSON.stringify([await events(), lines])).not.toMatch(/wren|4Q7K|t_9vX2/u)
    expect(sender.state().tries).toEqual({ sent: 0, later: 0, failed: 1 })
  })

  it('drops a mail whose link has expired, with an event, and sends it to nobody', async () => {
    await write()
    await setNow(86_400)
    begin()
    await until(async () => (await rows()).length === 0)
    expect(await events()).toMatchObject([{ event: 'mail_failed', reason: 'expired', tries: 0 }])
    expect(server.messages).toEqual([])
  })

  it('a node that dies before it notes the sending: the next one repeats the same message, once', async () => {
    const dead = { ...database.store.outbox, sent: () => new Promise<never>(() => undefined) }
    begin({ outbox: dead })
    await write()
    await until(() => server.messages.length === 1)
    begin()
    await setNow(119)
    expect(server.messages).toHaveLength(1)
    await setNow(120)
    await until(async () => (await rows()).length === 0)
    const [first, repeat] = server.messages
    expect(server.messages).toHaveLength(2)
    for (const name of ['message-id', 'date', 'to'])
      expect(repeat?.headers.get(name)).toBe(first?.headers.get(name))
    // The process is gone, so nothing waits for its answer.
    stops = stops.slice(1)
  })

  it('a fault of the database after the sending: the row goes later, and the mail is not repeated', async () => {
    let faults = 2
    const outbox = {
      ...database.store.outbox,
      sent: async (...args: Parameters<typeof database.store.outbox.sent>) => {
        faults -= 1
        if (faults >= 0) throw new Error('the database is away')
        return database.store.outbox.sent(...args)
      },
    }
    begin({ outbox })
    await write()
    await until(async () => (await rows()).length === 0)
    expect(server.messages).toHaveLength(1)
    expect(onFault).toHaveBeenCalledTimes(2)
  })

  it('a server that is away is tried with ever longer pauses, and the log says so once', async () => {
    await server.close()
    const tried: number[] = []
    const counting: MailTransport = {
      ...smtp(),
      send: async (mail: OutgoingMail) => {
        tried.push(now - at)
        return smtp().send(mail)
      },
    }
    for (let count = 0; count < 30; count += 1) await write()
    let looks = 0
    const outbox = {
      ...database.store.outbox,
      state: () => {
        looks += 1
        return database.store.outbox.state()
      },
    }
    begin({ transport: counting, outbox })
    const looksAgain = async () => {
      const seen = looks
      await until(() => looks > seen + 1)
    }
    await until(() => tried.length === 5)
    for (const [quiet, due] of [
      [4, 5],
      [14, 15],
      [34, 35],
    ] as const) {
      const before = tried.length
      // The round before has ended.
      await looksAgain()
      await setNow(quiet)
      await looksAgain()
      await setNow(due)
      await until(() => tried.length === before + 5)
    }
    expect([...new Set(tried)]).toEqual([0, 5, 15, 35])
    expect(lines.filter((line) => line.includes('takes no mail'))).toEqual([
      expect.stringContaining('(connection_refused): correct the host and port'),
    ])
    expect(await rows()).toHaveLength(30)
  })

  it('a mail that another secret sealed waits for a node that has it', async () => {
    const other = createMailSeals({ secret: randomBytes(32), randomBytes })
    const stranger = begin({ seals: other })
    const id = await write()
    await postponed(1)
    await stranger.stop()
    expect(server.messages).toEqual([])
    begin()
    await setNow(60)
    await until(async () => (await rows()).length === 0)
    expect(server.messages[0]?.headers.get('message-id')).toBe(`<${id}@example.com>`)
  })

  it('the log says once that mail waits for more than five minutes, and once that none does', async () => {
    server.refuseWith = { atRecipient: 450 }
    begin()
    await write()
    await postponed(1)
    await setNow(301)
    await until(() => lines.length > 0)
    // A try that is under way would postpone the mail from the later moment.
    await postponed(2)
    server.refuseWith = {}
    await setNow(1_000)
    await until(async () => (await rows()).length === 0)
    await until(() => lines.length > 1)
    expect(lines).toEqual([
      'Mail has waited for more than five minutes.',
      'No mail has waited for more than five minutes.',
    ])
  })

  it('a stop waits for the mail that is being sent', async () => {
    let reply = () => {}
    server.beforeReply = () => new Promise((resolve) => (reply = resolve))
    const sender = begin()
    await write()
    await until(() => server.messages.length === 1)
    const stopped = sender.stop()
    reply()
    await stopped
    expect(await rows()).toEqual([])
  })
})
