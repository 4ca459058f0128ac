import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLiveIndex,
  messageBytesMax,
  parseFeedMessage,
  type FeedMessage,
} from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/port/store.ts'
import { createFeed, type Feed, type FeedDeps } from './feed.ts'
import type { FeedPage, FeedPosition } from './pages.ts'
import type { SignedEvent } from './recent-events.ts'

const operator = { requestId: 'r', address: null, actor: 'operator' }
const now = 1_800_000_000 as EpochSeconds
const until = (now + 600) as EpochSeconds

const randomId = () => randomBytes(16).toString('base64url')

let folder: string
let store: Store
let feed: Feed
let index = createLiveIndex()
let signed: string[]
let keys: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-feed-'))
  index = createLiveIndex()
  signed = []
  keys = 'k1'
  store = await openStore(join(folder, 'db'), {
    now: () => now,
    randomId,
  })
  feed = makeFeed()
  await feed.start()
  store.changes.onCommit((what) => {
    if (what === 'revocations') void feed.pump()
  })
})

function makeFeed(over: Partial<FeedDeps> = {}): Feed {
  return createFeed({
    store,
    issuer: 'https://issuer.example',
    sign: (claims, typ) => {
      signed.push(typ)
      return JSON.stringify(claims)
    },
    keysFingerprint: () => keys,
    now: () => now,
    randomId,
    index,
    onFault: (fault) => {
      throw fault
    },
    heartbeatSeconds: 10,
    pagesPerSecond: 20,
    ...over,
  })
}

afterEach(async () => {
  feed.close()
  await store.close()
  rmSync(folder, { recursive: true })
})

const revoke = (jti: string) => store.revocations.add({ kind: 'token', jti }, until, operator)
const epoch = async () => (await store.revocations.head()).epoch

function read(token: string): FeedMessage {
  const parsed = parseFeedMessage(JSON.parse(token))
  if (!parsed.ok) throw new Error('the feed wrote a message that it would not read')
  return parsed.value
}

function follower() {
  const messages: FeedMessage[] = []
  let arrived = () => {}
  const send = (event: SignedEvent) => {
    messages.push(read(event.token))
    arrived()
  }
  const upTo = async (sequence: number) => {
    while ((messages.at(-1)?.to ?? -1) < sequence)
      await new Promise<void>((resolve) => (arrived = resolve))
    return messages
  }
  return { send, messages, upTo }
}

describe('a feed', () => {
  it('pushes an entry to every follower, signed once', async () => {
    const [one, two] = [follower(), follower()]
    for (const { send } of [one, two]) feed.subscribe({ epoch: await epoch(), after: 0 }, send)
    const before = signed.length
    await revoke('a')
    const [first, second] = await Promise.all([one.upTo(1), two.upTo(1)])
    expect(first.at(-1)).toEqual(second.at(-1))
    expect(first.at(-1)).toMatchObject({
      after: 0,
      to: 1,
      head: 1,
      entries: [[1, 'token', 'a', until]],
    })
    expect(signed.length - before).toBe(1)
  })

  it('reads all entries at its start, more than one page of them', async () => {
    await Promise.all(Array.from({ length: 1500 }, (_, n) => revoke(`t${n}`)))
    const known = createLiveIndex()
    const late = makeFeed({ index: known })
    onTestFinished(late.close)
    await late.start()
    expect(known.size()).toBe(1500)
  })

  it('adds each entry to the index of the service', async () => {
    const { send, upTo } = follower()
    feed.subscribe({ epoch: await epoch(), after: 0 }, send)
    await revoke('a')
    await upTo(1)
    expect(index.check({ jti: 'a', iat: now })).toBe('revoked')
  })

  it('keeps an entry for an hour after its token, because a clock that is ahead may be set back', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    let clock: number = now
    const beating = makeFeed({ now: () => clock as EpochSeconds })
    await revoke('a')
    await beating.start()
    const verdictAt = (moment: number) => {
      clock = moment
      vi.advanceTimersByTime(10_000)
      return index.check({ jti: 'a', iat: now })
    }
    expect(verdictAt(now + 4_200)).toBe('revoked')
    expect(verdictAt(now + 4_201)).toBe('live')
    beating.close()
  })

  it('sends the missed events to a follower that was away for a moment', async () => {
    await revoke('a')
    await revoke('b')
    await feed.pump()
    const { send, messages } = follower()
    expect(feed.subscribe({ epoch: await epoch(), after: 1 }, send)).toBe('subscribed')
    expect(messages.flatMap(({ entries }) => entries.map(([, , id]) => id))).toContain('b')
    expect(messages.at(-1)).toMatchObject({ after: 2, to: 2, entries: [] })
  })

  it('refers a follower of another epoch, or beyond the head, to the pages', async () => {
    const { send } = follower()
    expect(feed.subscribe({ epoch: 'another', after: 0 }, send)).toBe('behind')
    expect(feed.subscribe({ epoch: await epoch(), after: 7 }, send)).toBe('behind')
  })

  it('sends nothing to a follower that left while it received missed events', async () => {
    await revoke('a')
    await feed.pump()
    const heard: SignedEvent[] = []
    const send = (event: SignedEvent): void => {
      heard.push(event)
      feed.unsubscribe(send)
    }
    feed.subscribe({ epoch: await epoch(), after: 0 }, send)
    const before = heard.length
    await revoke('b')
    await feed.pump()
    expect(heard).toHaveLength(before)
  })

  it('sends nothing to a follower that has left', async () => {
    const { send, messages } = follower()
    feed.subscribe({ epoch: await epoch(), after: 0 }, send)
    feed.unsubscribe(send)
    const before = messages.length
    await revoke('a')
    await feed.pump()
    expect(messages).toHaveLength(before)
  })

  it('announces changed keys to followers at once', async () => {
    const { send, messages } = follower()
    feed.subscribe({ epoch: await epoch(), after: 0 }, send)
    keys = 'k2'
    feed.announceKeys()
    expect(messages.at(-1)?.keys).toBe('k2')
  })

  it('states the hash of the log where each message begins and ends', async () => {
    const { send, upTo } = follower()
    feed.subscribe({ epoch: await epoch(), after: 0 }, send)
    await revoke('a')
    await upTo(1)
    const first = await store.revocations.head()
    await revoke('b')
    const messages = await upTo(2)
    const second = await store.revocations.head()
    expect(messages).toMatchObject([
      { after: 0, afterHash: '', to: 0, toHash: '', epochStart: 0 },
      { after: 0, afterHash: '', to: 1, toHash: first.hash },
      { after: 1, afterHash: first.hash, to: 2, toHash: second.hash },
    ])
    const page = read((await pageAt({ epoch: second.epoch, after: 2 })).token)
    expect(page).toMatchObject({ after: 2, afterHash: second.hash, to: 2, toHash: second.hash })
    const late = follower()
    feed.subscribe({ epoch: second.epoch, after: 2 }, late.send)
    expect(late.messages).toMatchObject([
      { after: 2, afterHash: second.hash, to: 2, toHash: second.hash, entries: [] },
    ])
  })

  it('states when its epoch began', async () => {
    await store.revocations.startEpoch('e2', undefined, operator)
    await feed.pump()
    const page = read((await pageAt({ epoch: 'e2', after: 0 })).token)
    expect(page).toMatchObject({ epoch: 'e2', epochStart: now })
  })

  it('begins again in a new epoch', async () => {
    await revoke('a')
    await feed.pump()
    const { send, upTo } = follower()
    feed.subscribe({ epoch: await epoch(), after: 1 }, send)
    await store.revocations.startEpoch('e2', undefined, operator)
    await feed.pump()
    expect((await upTo(2)).at(-1)?.epoch).toBe('e2')
    expect(
      read((await pageAt({ epoch: 'e2', after: 0 })).token).entries.map(([, kind]) => kind),
    ).toContain('issuer')
  })
})

async function pageAt(at: FeedPosition): Promise<FeedPage> {
  const page = await feed.page(at, '192.0.2.1')
  if (page === 'busy') throw new Error('busy')
  return page
}

describe('a page', () => {
  it('is busy when a new epoch began while it was made', async () => {
    let release = (): void => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { revocations } = store
    const looks = [async () => undefined, () => released]
    const page: typeof revocations.page = async (...at) => {
      const found = await revocations.page(...at)
      await looks.shift()?.()
      return found
    }
    const slow = makeFeed({ store: { ...store, revocations: { ...revocations, page } } })
    await slow.start()
    const asked = slow.page({ epoch: await epoch(), after: 0 }, '192.0.2.1')
    await revocations.startEpoch('e2', undefined, operator)
    await slow.pump()
    release()
    expect(await asked).toBe('busy')
    slow.close()
  })

  it('is made once for all requests of one moment from nearby positions', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, n) => revoke(`t${n}`)))
    await feed.pump()
    const before = signed.length
    const asked = [257, 270, 299].map(async (after) => pageAt({ epoch: await epoch(), after }))
    const [one, two, three] = await Promise.all(asked)
    expect([two, three]).toEqual([one, one])
    expect(signed.length - before).toBe(1)
    expect(read(one?.token ?? '')).toMatchObject({ after: 256, to: 300 })
  })

  it('is refused to a stranger who asks for too many, but not where it is made already', async () => {
    await Promise.all(Array.from({ length: 6000 }, (_, n) => revoke(`t${n}`)))
    await feed.pump()
    const at = await epoch()
    const answers = Array.from({ length: 6000 }, (_, after) =>
      feed.page({ epoch: at, after }, '192.0.2.1'),
    )
    expect(answers.filter((page) => page === 'busy').length).toBeGreaterThan(500)
    expect(signed.filter((typ) => typ === 'revocation-page+jwt').length).toBeLessThanOrEqual(21)
    expect(await pageAt({ epoch: at, after: 0 })).toBeDefined()
  })

  it('is the same bytes for every request, until something changes', async () => {
    const at = { epoch: await epoch(), after: 0 }
    const first = await pageAt(at)
    expect(await pageAt(at)).toEqual(first)
    await revoke('a')
    await feed.pump()
    expect((await pageAt(at)).etag).not.toBe(first.etag)
  })

  it('is made again for the next request after it could not be made', async () => {
    const at = { epoch: await epoch(), after: 0 }
    const away = vi.spyOn(store.revocations, 'page').mockRejectedValueOnce(new Error('away'))
    onTestFinished(() => away.mockRestore())
    await expect(pageAt(at)).rejects.toThrow('away')
    expect(read((await pageAt(at)).token).after).toBe(0)
  })

  it('begins at 0 for a follower of another epoch or of an impossible position', async () => {
    await revoke('a')
    await feed.pump()
    expect(read((await pageAt({ epoch: 'another', after: 1 })).token).after).toBe(0)
    expect(read((await pageAt({ epoch: await epoch(), after: 99 })).token).after).toBe(0)
  })

  it('holds a thousand entries and 100 KiB at most, and the pages together hold all', async () => {
    const count = 2300
    await Promise.all(Array.from({ length: count }, (_, n) => revoke(`${n}`.padStart(80, '0'))))
    await feed.pump()
    const seen = new Set<string>()
    let after = 0
    for (let head = 1; after < head;) {
      const { token } = await pageAt({ epoch: await epoch(), after })
      const page = read(token)
      expect(Buffer.byteLength(token) * (4 / 3)).toBeLessThan(messageBytesMax)
      expect(page.after).toBeLessThanOrEqual(after)
      expect(page.to).toBeGreaterThan(after)
      for (const [, , id] of page.entries) seen.add(id)
      after = page.to
      head = page.head
    }
    expect(seen.size).toBe(count)
  })
})
