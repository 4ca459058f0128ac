import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createEdge } from './edge.ts'
import type { Outlet } from './exchange.ts'
import { listen, type Listening } from './listen.ts'

let server: Listening | undefined
afterEach(() => server?.stop())

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
  const silent = () => {}
  const edge = createEdge({
    endpoints: [{ method: 'GET', path: '/', handle: () => ({ status: 200, headers: {}, start }) }],
    limits: { stalledTimeoutMs: 200 },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    clockMs: () => performance.now(),
    idPrefix: 't',
  })
  server = await listen(edge, { hosts: ['127.0.0.1'], port: 0 })
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
