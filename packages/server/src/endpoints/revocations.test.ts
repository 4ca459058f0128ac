import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get, type ClientRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLiveIndex, parseFeedMessage } from '@countersign/guard/revocations'
import type { EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEdge } from '../http/edge.ts'
import type { HttpRequest } from '../http/exchange.ts'
import { listen, type Listening } from '../http/listen.ts'
import { replyJson } from '../http/reply.ts'
import { createFeed, type Feed } from '../revocation/feed.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/port/store.ts'
import { feedKeysEndpoint, feedPagesEndpoint, feedStreamEndpoint } from './revocations.ts'

const operator = { requestId: 'r', address: null, actor: 'operator' }
const now = 1_800_000_000 as EpochSeconds
const until = (now + 600) as EpochSeconds

let folder: string
let store: Store
let feed: Feed
let server: Listening
let open: ClientRequest[]
let closedToAll: boolean
let clock: EpochSeconds
let keys: string
/** The number of followers that the service ended. */
let cut: number
let services: Parameters<typeof feedStreamEndpoint.make>[0]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-revocations-'))
  open = []
  closedToAll = false
  clock = now
  keys = 'k'
  cut = 0
  store = await openStore(join(folder, 'db'), {
    now: () => now,
    randomId: () => randomBytes(16).toString('base64url'),
  })
  feed = createFeed({
    store,
    issuer: 'https://issuer.example',
    sign: (claims) => JSON.stringify(claims),
    keysFingerprint: () => keys,
    now: () => clock,
    randomId: () => randomBytes(16).toString('base64url'),
    index: createLiveIndex(),
    onFault: (fault) => {
      throw fault
    },
    heartbeatSeconds: 10,
  })
  await feed.start()
  store.changes.onCommit((what) => {
    if (what === 'revocations') void feed.pump()
  })
  const silent = () => {}
  services = {
    feed: {
      ...feed,
      unsubscribe: (send) => {
        cut += 1
        feed.unsubscribe(send)
      },
    },
    admitToFeed: () => (closedToAll ? replyJson(401, { error: 'invalid_token' }) : { until }),
    streamLimits: { perAddressMax: 2, totalMax: 3, waitingBytesMax: 100_000 },
  }
  const feedJwks = () => ({ keys: [] })
  const edge = createEdge({
    endpoints: [
      { ...feedPagesEndpoint, handle: feedPagesEndpoint.make(services) },
      { ...feedStreamEndpoint, handle: feedStreamEndpoint.make(services) },
      { ...feedKeysEndpoint, handle: feedKeysEndpoint.make({ ring: { feedJwks } }) },
    ],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    clockMs: () => performance.now(),
    idPrefix: 't',
  })
  server = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
})

afterEach(async () => {
  for (const request of open) request.destroy()
  feed.close()
  await server.stop()
  await store.close()
  rmSync(folder, { recursive: true })
})

const address = (path: string) => `http://127.0.0.1:${server.port}${path}`
const revoke = (jti: string) => store.revocations.add({ kind: 'token', jti }, until, operator)
const epoch = async () => (await store.revocations.head()).epoch

async function stream(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(address(path), { agent: false }, resolve)
    request.on('error', reject)
    open.push(request)
  })
}

/** Reads messages of a stream until one of them names this id. */
async function untilNamed(response: IncomingMessage, id: string): Promise<void> {
  let text = ''
  for await (const chunk of response) {
    text += String(chunk)
    if (text.includes(`"${id}"`)) return
  }
  throw new Error('the stream ended before it said so')
}

/** Gives each message of a stream as it comes. */
async function* messagesOf(response: IncomingMessage): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of response) {
    const parts = (text + String(chunk)).split('\n\n')
    text = parts.pop() ?? ''
    yield* parts
  }
}

const requestFrom = (from: string, query: string): HttpRequest => ({
  method: 'GET',
  path: '/revocations/stream',
  query,
  url: `/revocations/stream?${query}`,
  headers: {},
  rawHeaders: [],
  body: new Uint8Array(),
  address: from,
  requestId: 'r',
})

describe('the stream', () => {
  it('sends revocations while it is open', async () => {
    const response = await stream(`/revocations/stream?epoch=${await epoch()}&after=0`)
    expect(response.headers['content-type']).toBe('text/event-stream')
    await revoke('a-token')
    await untilNamed(response, 'a-token')
  })

  it('ends at once for a follower that must read pages first', async () => {
    const response = await stream('/revocations/stream?epoch=another&after=0')
    const chunks = await response.toArray()
    expect(chunks).toEqual([])
  })

  it('is limited per address, and a closed stream frees its place', async () => {
    const path = `/revocations/stream?epoch=${await epoch()}&after=0`
    const first = await stream(path)
    await stream(path)
    const third = await stream(path)
    expect([third.statusCode, third.headers['retry-after']]).toEqual([503, '10'])
    first.destroy()
    let status: number | undefined = 503
    while (status === 503) status = (await stream(path)).statusCode
    expect(status).toBe(200)
  })

  it.each([
    {
      name: 'one network of IPv6',
      from: ['2001:db8:1:2::a', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::b'],
      statuses: [200, 200, 503],
    },
    {
      name: 'three networks of IPv6',
      from: ['2001:db8:1:2::a', '2001:db8:1:3::a', '2001:db8:1:4::a'],
      statuses: [200, 200, 200],
    },
    {
      name: 'one address of IPv4',
      from: ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
      statuses: [200, 200, 503],
    },
    {
      name: 'three addresses of IPv4',
      from: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
      statuses: [200, 200, 200],
    },
  ])('gives two places to each /64 of IPv6 and each address of IPv4: $name', async (row) => {
    const handle = feedStreamEndpoint.make(services)
    const query = `epoch=${await epoch()}&after=0`
    const replies = await Promise.all(
      row.from.map((from) => Promise.resolve(handle(requestFrom(from, query)))),
    )
    expect(replies.map(({ status }) => status)).toEqual(row.statuses)
  })

  it('cuts a follower that does not read, and no other', async () => {
    const path = `/revocations/stream?epoch=${await epoch()}&after=0`
    const lazy = await stream(path)
    const keen = messagesOf(await stream(path))
    lazy.pause()
    const ended = new Promise((resolve) => lazy.on('close', resolve))
    await keen.next()
    keys = 'k'.repeat(64_000)
    for (let sent = 0; cut === 0; sent += keys.length) {
      expect(sent).toBeLessThan(64_000_000)
      feed.announceKeys()
      await keen.next()
    }
    await revoke('the-last')
    expect((await keen.next()).value).toContain('"the-last"')
    lazy.resume()
    await ended
    expect([lazy.complete, cut]).toEqual([false, 1])
  })

  it('of a closed feed ends when the token that opened it does', async () => {
    const response = await stream(`/revocations/stream?epoch=${await epoch()}&after=0`)
    await once(response, 'readable')
    const told = response.toArray()
    clock = (until - 1) as EpochSeconds
    feed.announceKeys()
    clock = until
    feed.announceKeys()
    const text = (await told).join('')
    expect([text.includes(`"iat":${until - 1}`), text.includes(`"iat":${until}`)]).toEqual([
      true,
      false,
    ])
  })

  it.each(['', '?epoch=e', '?after=0', '?epoch=&after=0'])(
    'without a whole position (%s) is 400',
    async (query) => {
      const answer = await fetch(address(`/revocations/stream${query}`))
      expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }])
    },
  )

  it('has no body for HEAD', async () => {
    const answer = await fetch(address('/revocations/stream?epoch=e&after=0'), { method: 'HEAD' })
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(answer.headers.get('content-length')).toBeNull()
  })
})

describe('a page', () => {
  it('holds the live entries', async () => {
    await revoke('a-token')
    await feed.pump()
    const answer = await fetch(address('/revocations'))
    const message = parseFeedMessage(await answer.json())
    expect(message.ok && message.value.entries).toEqual([[1, 'token', 'a-token', until]])
  })

  it('is not sent again to a follower that has it', async () => {
    const first = await fetch(address('/revocations'))
    const etag = first.headers.get('etag') ?? ''
    const again = await fetch(address('/revocations'), { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(again.headers.get('content-length')).toBeNull()
    await revoke('a-token')
    await feed.pump()
    const changed = await fetch(address('/revocations'), { headers: { 'if-none-match': etag } })
    expect(changed.status).toBe(200)
  })

  it.each([
    ['its tag', (etag: string) => etag],
    ['its tag made weak', (etag: string) => `W/${etag}`],
    ['its tag among others', (etag: string) => `"other", ${etag}`],
    ['anything', () => '*'],
  ])('is not sent to a follower that has %s', async (_, say) => {
    const etag = (await fetch(address('/revocations'))).headers.get('etag') ?? ''
    const again = await fetch(address('/revocations'), { headers: { 'if-none-match': say(etag) } })
    expect(again.status).toBe(304)
  })

  it.each([
    'after=',
    'after=1e3',
    'after=0x10',
    'after=%201',
    'after=-0',
    'after=-1',
    'after=1.5',
    'after=x',
    'after=1&after=2',
    'epoch=a&epoch=b',
    `epoch=${'x'.repeat(300)}`,
  ])('is refused for the position %s', async (query) => {
    expect((await fetch(address(`/revocations?${query}`))).status).toBe(400)
  })
})

it('a closed feed refuses pages and streams, and publishes its keys', async () => {
  closedToAll = true
  const statuses = ['/revocations', '/revocations/stream', '/revocations/jwks.json'].map(
    async (path) => (await fetch(address(path))).status,
  )
  expect(await Promise.all(statuses)).toEqual([401, 401, 200])
})
