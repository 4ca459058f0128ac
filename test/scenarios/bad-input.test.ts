import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vectorsAbsent, vectorsDir } from '../vectors/dir.ts'
import { ask, askRaw, demoLogin, logIn, opens, type Ask } from './ask.ts'
import { isOnBun, type Run } from './dev.ts'
import { atEachNode, everywhere, type Place } from './places.ts'

const json = { 'content-type': 'application/json' }
const big = (bytes: number) => `{"client_id":"foo","client_secret":"${'x'.repeat(bytes)}"}`
const login = (body: string | Uint8Array, headers: Ask['headers'] = json): Ask => ({
  method: 'POST',
  path: '/login',
  headers,
  body,
})

const rows: readonly { name: string; request: Ask; status: number; onBun?: number }[] = [
  { name: 'a body of 64 KiB and more', request: login(big(70_000)), status: 413 },
  {
    name: 'a login by an id with a NUL (F13)',
    request: login('{"client_id":"foo\\u0000","client_secret":"bar"}'),
    status: 401,
  },
  {
    name: 'a body of 2 MiB by its length',
    request: login('', { ...json, 'content-length': '2097152' }),
    status: 413,
  },
  {
    name: 'a chunked body that is too large',
    request: login(big(100_000), { ...json, 'transfer-encoding': 'chunked' }),
    status: 413,
  },
  {
    name: 'an encoded body',
    request: login('x', { ...json, 'content-encoding': 'gzip' }),
    status: 415,
  },
  { name: 'a long URL', request: { path: `/${'a'.repeat(5_000)}` }, status: 414 },
  {
    name: 'a long query at a path of ours',
    request: { path: `/?${'a'.repeat(5_000)}` },
    status: 414,
    onBun: 200,
  },
  {
    name: 'large headers',
    request: { path: '/', headers: { x: 'y'.repeat(17_000) } },
    status: 431,
  },
  {
    name: 'many headers',
    request: {
      path: '/',
      headers: Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`x-${at}`, 'y'])),
    },
    status: 431,
  },
  {
    name: 'one header many times',
    request: { path: '/', headers: { x: Array.from({ length: 150 }, () => 'y') } },
    status: 431,
    onBun: 200,
  },
  {
    name: 'more headers than Bun itself takes',
    request: {
      path: '/',
      headers: Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`x-${at}`, 'y'])),
    },
    status: 431,
  },
  {
    name: 'two Authorization headers',
    request: { path: '/protected', headers: { authorization: ['Bearer a', 'Bearer a'] } },
    status: 400,
  },
  {
    name: 'a form of two content types',
    request: {
      method: 'POST',
      path: '/oauth2/token',
      headers: {
        'content-type': ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
      },
      body: 'grant_type=client_credentials',
    },
    status: 415,
  },
  {
    name: 'a foreign host',
    request: { path: '/protected', headers: { host: 'rebound.example:8000' } },
    status: 421,
  },
  { name: 'an unknown path', request: { path: '/nothing/here' }, status: 404 },
  { name: 'a path with dots', request: { path: '/x/../protected' }, status: 404 },
  { name: 'an encoded path', request: { path: '/%70rotected' }, status: 404 },
  { name: 'a path with backslashes', request: { path: '/x/..\\protected' }, status: 404 },
  { name: 'a list above its folder', request: { path: '/status-lists/..' }, status: 404 },
  { name: 'a list in a folder', request: { path: '/status-lists/a/b' }, status: 404 },
  { name: 'a GET at the login', request: { path: '/login' }, status: 405 },
  { name: 'a DELETE at the root', request: { method: 'DELETE', path: '/' }, status: 405 },
  { name: 'a TRACE', request: { method: 'TRACE', path: '/' }, status: 405 },
  {
    name: 'deep JSON',
    request: login(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    status: 400,
  },
  {
    name: 'many members',
    request: login(`{${Array.from({ length: 500 }, (_, at) => `"m${at}":1`).join()}}`),
    status: 400,
  },
  { name: 'a byte order mark', request: login(`\u{feff}${String(demoLogin.body)}`), status: 400 },
  {
    name: 'an id that is too long',
    request: login(JSON.stringify({ client_id: 'x'.repeat(300), client_secret: 'bar' })),
    status: 401,
  },
]

const hosted = `Host: localhost:PORT\r\n`
const raw: readonly { name: string; text: string; says: string; onBun?: string }[] = [
  {
    name: 'two hosts',
    text: `GET / HTTP/1.1\r\n${hosted}Host: other.example\r\n\r\n`,
    says: '400',
  },
  { name: 'no host', text: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', says: '400' },
  {
    name: 'the absolute form of a foreign host',
    text: `GET http://other.example/ HTTP/1.1\r\n${hosted}Connection: close\r\n\r\n`,
    says: '421',
    onBun: 'http/1.1 200',
  },
  {
    name: 'the absolute form of this host behind a foreign one',
    text: `GET http://localhost:PORT/ HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n`,
    says: 'http/1.1 200',
    onBun: '421',
  },
  {
    name: 'an unknown method',
    text: `JUMP / HTTP/1.1\r\n${hosted}\r\n`,
    says: '400',
    onBun: 'a closed connection',
  },
  {
    name: 'the absolute form of this host',
    text: `GET http://localhost:PORT/ HTTP/1.1\r\n${hosted}Connection: close\r\n\r\n`,
    says: '200',
  },
  {
    name: 'both framings',
    text: `POST /login HTTP/1.1\r\n${hosted}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    says: '400',
  },
  {
    name: 'two lengths',
    text: `POST /login HTTP/1.1\r\n${hosted}Content-Length: 4\r\nContent-Length: 5\r\n\r\n`,
    says: '400',
  },
  {
    name: 'one length twice',
    text: `POST /login HTTP/1.1\r\n${hosted}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
    says: 'connection: close',
  },
  {
    name: 'two content types (F10)',
    text: `POST /login HTTP/1.1\r\n${hosted}Connection: close\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}`,
    says: '415',
  },
  {
    name: 'a body encoded in transfer',
    text: `POST /login HTTP/1.1\r\n${hosted}Content-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    says: '415',
    onBun: '400',
  },
  {
    name: 'a length with a sign',
    text: `POST /login HTTP/1.1\r\n${hosted}Content-Length: +4\r\n\r\n`,
    says: '400',
  },
  {
    name: 'a request that does not wait for the answer before it',
    text: `GET /readyz HTTP/1.1\r\n${hosted}\r\nGET / HTTP/1.1\r\n${hosted}Connection: close\r\n\r\n`,
    says: 'hello, world!',
    onBun: 'a closed connection',
  },
  {
    name: 'fields behind the last chunk',
    text: `POST /login HTTP/1.1\r\n${hosted}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n${hosted}Connection: close\r\n\r\n`,
    says: 'missing credentials"}http/1.1 200 ok',
    onBun: 'missing credentials"}http/1.1 400 bad request',
  },
  {
    name: 'an expectation that nobody meets',
    text: `GET / HTTP/1.1\r\n${hosted}Expect: 200-maybe\r\nConnection: close\r\n\r\n`,
    says: '417',
    onBun: 'http/1.1 200',
  },
  { name: 'no HTTP at all', text: '\u0016\u0003\u0001\u0000', says: '400' },
  {
    name: 'a GET with a body, which ends its connection',
    text: `GET / HTTP/1.1\r\n${hosted}Content-Length: 5\r\n\r\nhello`,
    says: 'connection: close',
  },
]
const dir = vectorsDir()
if (dir === undefined) console.info(vectorsAbsent)

describe.each(everywhere)('bad input on $name', ({ open }) => {
  let place: Place
  let run: Run
  let token: string
  /** The answer to a sender that stopped in the middle, some seconds later. */
  let stalled: Promise<string>
  beforeAll(async () => {
    place = await open()
    run = await place.start()
    token = await logIn(run.port)
    stalled = askRaw(
      run.port,
      `POST /login HTTP/1.1\r\nHost: localhost:${run.port}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"cl`,
    )
  })
  afterAll(async () => {
    await run.end()
    await place.drop()
  })

  it.each(rows)('answers $name with $status', async ({ request, status, onBun }) => {
    const heard = await ask(run.port, request)
    expect(heard.status).toBe(isOnBun ? (onBun ?? status) : status)
  })

  it('gives each trouble an id to ask about', async () => {
    const { headers } = await ask(run.port, { path: '/nothing/here' })
    expect(headers['x-request-id']).toEqual(expect.any(String))
  })

  it('names what is allowed', async () => {
    const { headers } = await ask(run.port, { path: '/login' })
    expect(headers.allow).toBe('POST')
  })

  it('answers HEAD with the head alone', async () => {
    const { status, headers, body } = await ask(run.port, { method: 'HEAD', path: '/' })
    expect({ status, length: headers['content-length'], body }).toEqual({
      status: 200,
      length: '13',
      body: '',
    })
  })

  it.each(raw)('meets $name with $says', async ({ text, says, onBun }) => {
    const heard = await askRaw(run.port, text.replaceAll('PORT', String(run.port)))
    expect(inWords(heard)).toContain(isOnBun ? (onBun ?? says) : says)
  })

  it('does not wait for the end of a head either', { timeout: 30_000 }, async () => {
    const heard = await askRaw(run.port, `GET / HTTP/1.1\r\nHost: localhost:${run.port}\r\nX: `)
    expect(inWords(heard)).toContain(isOnBun ? 'a closed connection' : '408')
  })

  it('is not disturbed by senders that leave', async () => {
    for (let round = 0; round < 50; round += 1) {
      await new Promise<void>((resolve) => {
        const socket = connect(run.port, '127.0.0.1', () => {
          socket.write(
            `POST /login HTTP/1.1\r\nHost: localhost:${run.port}\r\nContent-Length: 50\r\n\r\n{`,
          )
          socket.destroy()
        })
        socket.on('close', () => resolve())
      })
    }
    expect((await ask(run.port, { path: '/' })).status).toBe(200)
  })

  describe.runIf(dir !== undefined)('published hostile texts', () => {
    const read = (...path: string[]) => readFileSync(join(dir ?? '', ...path), 'utf8')

    it('as a login are 400 or 401, never more', { timeout: 60_000 }, async () => {
      const { cases } = JSON.parse(read('json-parsing', 'jsontestsuite.json')) as {
        cases: readonly { name: string; b64: string }[]
      }
      const odd: string[] = []
      for (const { name, b64 } of cases) {
        const { status, body } = await ask(run.port, login(Buffer.from(b64, 'base64')))
        if (status !== 400 || body !== '{"error":"Missing credentials"}')
          odd.push(`${name}: ${status}`)
      }
      expect(cases.length).toBeGreaterThan(150)
      expect(odd).toEqual([])
    })

    it(
      'as ids, secrets, tokens and scopes are refused without a fault',
      { timeout: 60_000 },
      async () => {
        const texts = (JSON.parse(read('strings', 'blns.base64.json')) as string[]).map((text) =>
          Buffer.from(text, 'base64').toString(),
        )
        const statuses = new Set<number>()
        for (const text of texts) {
          const members = { client_id: text, client_secret: 'cs_' }
          statuses.add((await ask(run.port, login(JSON.stringify(members)))).status)
          const authorization = `Bearer ${Buffer.from(text)
            .toString('latin1')
            .replaceAll(/[^\x20-\x7e\xa0-\xff]/gu, '?')}`
          statuses.add(
            (await ask(run.port, { path: '/protected', headers: { authorization } })).status,
          )
          const form = new URLSearchParams({
            grant_type: text,
            client_id: text,
            client_secret: text,
          })
          const sent = {
            method: 'POST',
            path: '/oauth2/token',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: String(form),
          }
          statuses.add((await ask(run.port, sent)).status)
        }
        expect(texts.length).toBeGreaterThan(400)
        expect([...statuses].filter((status) => ![400, 401, 429].includes(status))).toEqual([])
      },
    )
  })

  it('does not wait for a sender that stops in the middle', { timeout: 20_000 }, async () => {
    expect(await stalled).toContain('408')
  })

  it('leaves a service that works as before and met no fault', async () => {
    await atEachNode(place, async () => expect(await opens(run.port, token)).toBe(true))
    expect(run.isRunning()).toBe(true)
    expect(run.output()).not.toMatch(/met a fault|outage_began/u)
  })
})

/** The answer, in small letters, or a word for no answer. */
function inWords(heard: string): string {
  return heard === '' ? 'a closed connection' : heard.toLowerCase()
}
