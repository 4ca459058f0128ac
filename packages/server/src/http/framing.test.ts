import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEdge } from './edge.ts'
import { listen, type Listening } from './listen.ts'
import { replyText } from './reply.ts'

const bodyBytesMax = 4_096
const drainBytesMax = 16_384
const head = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'
const chunk = (data: string, extension = '') =>
  `${data.length.toString(16)}${extension}\r\n${data}\r\n`
const last = '0\r\n\r\n'
const zeros = Array<string>(40).fill('0'.repeat(4_000))

describe('framing of a body in chunks counts like its data', () => {
  let server: Listening
  beforeAll(async () => {
    const silent = () => {}
    const edge = createEdge({
      endpoints: [
        { method: 'POST', path: '/', handle: ({ body }) => replyText(200, String(body.length)) },
      ],
      limits: { bodyBytesMax, drainBytesMax },
      log: { debug: silent, info: silent, warn: silent, error: silent },
      clockMs: () => performance.now(),
      idPrefix: 't',
    })
    server = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
  })
  afterAll(() => server.stop())

  /** Sends each text when the one before has left; gives all that came back until the end. */
  async function send(texts: readonly string[]): Promise<string> {
    const socket = connect(server.port, '127.0.0.1')
    const heard: string[] = []
    socket.on('data', (data) => void heard.push(String(data)))
    socket.on('error', () => {})
    await once(socket, 'connect')
    for (const text of texts) {
      if (!socket.writable) break
      await new Promise((sent) => socket.write(text, sent))
      await new Promise((turn) => setImmediate(turn))
    }
    if (!socket.closed) await once(socket, 'close')
    return heard.join('')
  }

  it.each([
    { name: 'tiny chunks', texts: [head, chunk('x').repeat(1_000) + last], status: 400 },
    {
      name: 'extensions over several reads',
      texts: [head, ...Array<string>(40).fill(chunk('x', `;a=${'b'.repeat(500)}`)), last],
      status: 400,
    },
    {
      name: 'a size with leading zeros',
      texts: [head, ...zeros, chunk('x') + last],
      status: 400,
    },
    {
      name: 'a last chunk with leading zeros',
      texts: [head, chunk('x'), ...zeros, last],
      status: 400,
    },
    { name: 'one long extension', texts: [head, `1;${'a'.repeat(20_000)}`], status: 400 },
    { name: 'data over the limit', texts: [head, chunk('x'.repeat(5_000)), last], status: 413 },
    {
      name: 'tiny chunks behind data over the limit',
      texts: [head, chunk('x'.repeat(5_000)), chunk('x').repeat(4_000)],
      status: 413,
    },
  ])('$name: $status, and the connection ends', async ({ texts, status }) => {
    const answer = await send(texts)
    expect(answer).toMatch(`HTTP/1.1 ${status} `)
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it.each([
    { name: 'chunks of 64 bytes', texts: [head, chunk('x'.repeat(64)).repeat(50)], length: 3_200 },
    {
      name: 'a chunk in many writes',
      texts: [head, 'f00\r\n', ...Array<string>(15).fill('x'.repeat(256)), '\r\n'],
      length: 3_840,
    },
    { name: 'a short extension', texts: [head, chunk('x', ';a=b')], length: 1 },
  ])('$name are taken', async ({ texts, length }) => {
    const next = 'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'
    const answer = await send([...texts, last, next])
    expect(answer).toMatch('HTTP/1.1 200 ')
    expect(answer).toContain(`\r\n\r\n${length}`)
  })

  it('a request ahead behind a body in chunks does not count for it', async () => {
    const fields = `X: ${'y'.repeat(5_000)}\r\nConnection: close\r\n`
    const next = `GET / HTTP/1.1\r\nHost: h\r\n${fields}\r\n`
    const answer = await send([head, chunk('x'), chunk('x') + last + next])
    expect(answer).toMatch('HTTP/1.1 200 ')
    expect(answer).toMatch('HTTP/1.1 405 ')
  })

  it('input that is no HTTP is 400', async () => {
    const answer = await send(['HELO example\r\n\r\n'])
    expect(answer).toMatch('HTTP/1.1 400 ')
  })
})
