import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createEdge } from './edge.ts'
import type { Endpoint, Outlet } from './exchange.ts'
import type { EdgeLimits } from './limits.ts'
import { listen, type Listening } from './listen.ts'
import { replyText } from './reply.ts'

let server: Listening | undefined
afterEach(() => server?.stop())

async function serve(handle: Endpoint['handle'], limits: Partial<EdgeLimits>): Promise<void> {
  const silent = () => {}
  const edge = createEdge({
    endpoints: [{ method: 'GET', path: '/', handle }],
    limits,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    clockMs: () => performance.now(),
    idPrefix: 't',
  })
  server = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
}

/** Serves one answer that goes on, and says when the service has let go of it. */
async function serveStream(pour: (outlet: Outlet) => void): Promise<{ gone: Promise<void> }> {
  let letGo = () => {}
  const gone = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const start = (outlet: Outlet) => {
    pour(outlet)
    return letGo
  }
  await serve(() => ({ status: 200, headers: {}, start }), { stalledTimeoutMs: 200 })
  return { gone }
}

it('lets go of a receiver that does not read (G01)', async () => {
  const { gone } = await serveStream((outlet) => void outlet.write('x'.repeat(32 * 1024 * 1024)))
  const socket = connect(server?.port ?? 0, '127.0.0.1')
  socket.on('error', () => {})
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  await expect(gone).resolves.toBeUndefined()
  socket.destroy()
})

it('keeps one that hears something now and then', async () => {
  await serveStream((outlet) => {
    let beats = 0
    const beat = setInterval(() => {
      beats += 1
      outlet.write('.')
      if (beats < 10) return
      clearInterval(beat)
      outlet.end()
    }, 50)
  })
  const answer = await fetch(`http://127.0.0.1:${server?.port}/`)
  expect(await answer.text()).toBe('.'.repeat(10))
})

it('accepts no more requests ahead of their answers than its limit, and ends such a connection', async () => {
  const waiting: (() => void)[] = []
  let all = () => {}
  const allBegan = new Promise<void>((resolve) => (all = resolve))
  const begin: Endpoint['handle'] = () =>
    new Promise((resolve) => {
      if (waiting.push(() => resolve(replyText(200, 'late'))) === 1_000) all()
    })
  await serve(begin, { aheadMax: 10 })
  const socket = connect(server?.port ?? 0, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(1_000))
  await Promise.race([once(socket, 'close'), allBegan])
  expect(waiting).toHaveLength(11)
  for (const answer of waiting) answer()
})

it('answers requests that came ahead one after another, again and again', async () => {
  let count = 0
  await serve(async () => replyText(200, `answer ${(count += 1)}.`), { aheadMax: 10 })
  const socket = connect(server?.port ?? 0, '127.0.0.1')
  let heard = ''
  for (let round = 1; round <= 5; round += 1) {
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(11))
    while (!heard.includes(`answer ${round * 11}.`)) heard += String(await once(socket, 'data'))
  }
  socket.destroy()
  const numbers = [...heard.matchAll(/answer (\d+)\./gu)].map(([, number]) => Number(number))
  expect(numbers).toEqual(Array.from({ length: 55 }, (_, at) => at + 1))
})
