import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { NewMail } from '../../packages/server/src/store/port/outbox-verbs.ts'
import { databases, randomId, startOfTime, type TestDatabase } from './databases.ts'
import { addPerson } from './people.ts'
import { context } from './records.ts'

const callers = Array.from({ length: 50 }, (_, index) => index)
const leaseSeconds = 120

describe.each(databases)('the outbox on $name', ({ start }) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await start()
  })
  afterAll(() => database.close())
  afterEach(async () => {
    await database.sqlTogether(['delete from outbox', 'delete from audit'])
    await database.setNow(startOfTime)
  })

  async function write(over: Partial<NewMail> = {}): Promise<string> {
    const mail = aMail(over)
    await database.store.outbox.enqueue([mail])
    return mail.id
  }
  const take = (claim = 'a', limit = 10) =>
    database.store.outbox.take(claim, limit, leaseSeconds, context)
  const at = (seconds: number) => database.setNow(startOfTime + seconds)
  const events = async () => {
    const rows = await database.store.audit.list(0, 100)
    return rows.map(({ event }) => event)
  }

  test('gives a mail as it was written, with the count of tries', async () => {
    const mail = aMail()
    await database.store.outbox.enqueue([mail])
    const { ttlSeconds: _, ...kept } = mail
    expect(await take()).toEqual([{ ...kept, createdAt: startOfTime, tries: 1 }])
  })

  test('gives a claimed mail to nobody else until the lease ends, and then again', async () => {
    const id = await write()
    await take('a')
    await at(leaseSeconds - 1)
    expect(await take('b')).toEqual([])
    await at(leaseSeconds)
    expect(await take('b')).toMatchObject([{ id, tries: 2 }])
  })

  test('gives each of 20 mails to exactly one of 50 callers on two nodes', async () => {
    const second = await database.open()
    const ids = await Promise.all(Array.from({ length: 20 }, () => write()))
    const taken = await Promise.all(
      callers.map((index) =>
        (index % 2 === 0 ? database.store : second).outbox.take(
          `node ${index}`,
          3,
          leaseSeconds,
          context,
        ),
      ),
    )
    expect(
      taken
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids.toSorted())
  })

  test('deletes a mail that was sent, with an event that has no address', async () => {
    const id = await write()
    await take('a')
    expect(await database.store.outbox.sent({ id, claim: 'a' }, context)).toBe('sent')
    expect(await database.store.outbox.sent({ id, claim: 'a' }, context)).toBe('gone')
    expect(await events()).toEqual([
      { ...context, event: 'mail_sent', mailId: id, template: 'mail_test', tries: 1 },
    ])
  })

  test('counts one sending where 50 callers report it', async () => {
    const id = await write()
    await take('a')
    const outcomes = await Promise.all(
      callers.map(() => database.store.outbox.sent({ id, claim: 'a' }, context)),
    )
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(1)
  })

  test('lets a failed mail wait for so long as the caller says', async () => {
    const id = await write()
    await take('a')
    const failure = { id, claim: 'a', reason: 'timeout', againAfterSeconds: 60 }
    expect(await database.store.outbox.failed(failure, context)).toBe('again')
    await at(59)
    expect(await take('b')).toEqual([])
    await at(60)
    expect(await take('b')).toMatchObject([{ id, tries: 2 }])
    expect(await events()).toEqual([])
  })

  test.each([
    ['the caller gives up', null],
    ['it would expire before the next try', 3_600],
  ])('drops a failed mail with an event where %s', async (_, againAfterSeconds) => {
    const id = await write({ ttlSeconds: 3_600 })
    await take('a')
    const failure = { id, claim: 'a', reason: 'recipient_refused', againAfterSeconds }
    expect(await database.store.outbox.failed(failure, context)).toBe('gave_up')
    expect(await take('b')).toEqual([])
    expect(await events()).toMatchObject([
      { event: 'mail_failed', mailId: id, reason: 'recipient_refused', tries: 1 },
    ])
  })

  test('ignores the failure of a node whose lease ended and whose mail another node has', async () => {
    const id = await write()
    await take('slow')
    await at(leaseSeconds)
    await take('next')
    for (const againAfterSeconds of [60, null]) {
      const failure = { id, claim: 'slow', reason: 'timeout', againAfterSeconds }
      expect(await database.store.outbox.failed(failure, context)).toBe('lost')
    }
    expect(await database.store.outbox.sent({ id, claim: 'next' }, context)).toBe('sent')
  })

  test('drops expired mail with an event, and leaves one that a node is sending', async () => {
    const expired = await write({ ttlSeconds: 600 })
    const sending = await write({ ttlSeconds: 601 })
    await at(599)
    await database.store.outbox.take('a', 10, leaseSeconds, context)
    await database.store.outbox.failed(
      { id: expired, claim: 'a', reason: 'timeout', againAfterSeconds: 0 },
      context,
    )
    await at(602)
    expect(await take('b')).toEqual([])
    expect(await events()).toMatchObject([
      { event: 'mail_failed', mailId: expired, reason: 'expired' },
    ])
    expect(await database.store.outbox.sent({ id: sending, claim: 'a' }, context)).toBe('sent')
  })

  test('says how much waits, since when, and whether some of it is due', async () => {
    const { outbox } = database.store
    expect(await outbox.state()).toEqual({ waiting: 0, oldestAt: null, isDue: false })
    await write()
    await at(5)
    await write()
    expect(await outbox.state()).toEqual({ waiting: 2, oldestAt: startOfTime, isDue: true })
    await take('a')
    expect(await outbox.state()).toEqual({ waiting: 2, oldestAt: startOfTime, isDue: false })
  })

  test('reports new mail in the process that wrote it', async () => {
    let heard = 0
    const stop = database.store.outbox.onMail(() => (heard += 1))
    await write()
    await addPerson(database.store, randomId())
    stop()
    await write()
    expect(heard).toBe(1)
  })

  test('deletes the mail of a user who is erased', async () => {
    const userId = await addPerson(database.store, randomId())
    await write({ userId })
    const other = await write()
    await database.store.users.erase(userId, context)
    expect(await take()).toMatchObject([{ id: other }])
  })

  test('is pruned of mail that nobody sends', async () => {
    await write({ ttlSeconds: 600 })
    await at(600 + 3_599)
    while (!(await database.store.prune()).done);
    expect(await database.sql('select id from outbox')).toHaveLength(1)
    await at(600 + 3_600)
    while (!(await database.store.prune()).done);
    expect(await database.sql('select id from outbox')).toEqual([])
  })

  test('is emptied by a restore', async () => {
    await write()
    await database.store.revocations.recover(randomId(), { disableClients: false }, context)
    expect(await database.sql('select id from outbox')).toEqual([])
  })
})

function aMail(over: Partial<NewMail> = {}): NewMail {
  return {
    id: randomId(),
    recipientHash: 'hash',
    userId: null,
    template: 'mail_test',
    sealed: Uint8Array.of(1, 2, 3),
    ttlSeconds: 86_400,
    ...over,
  }
}
