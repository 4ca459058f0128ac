import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard } from '@countersign/guard/node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startNginx } from '../deploy/start-nginx.ts'
import { freePort } from '../free-port.ts'
import { formOf, openBrowser } from './browser.ts'
import { audience, openPlace, password, type Node, type Place } from './place.ts'

const isThere = spawnSync('nginx', ['-v']).status === 0
if (!isThere) console.log('note: no nginx here, so deploy/nginx-sessions.conf was not tried')
const given = readFileSync(join(import.meta.dirname, '../../deploy/nginx-sessions.conf'), 'utf8')

/** Units: seconds. */
const tokenTtlSeconds = 2

describe.skipIf(!isThere)('the file for nginx with sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  const cookies: (string | undefined)[] = []
  let place: Place
  let node: Node
  let nginx: ChildProcess
  let origin = ''
  const closers: (() => unknown)[] = []

  beforeAll(async () => {
    place = await openPlace({ tokenTtlSeconds })
    node = await place.startNode()
    await place.addUser('ann')
    const guard = createGuard({
      issuer: node.issuer,
      audience,
      // Behind a proxy that names its client a plain name is accepted from this machine alone, as here.
      credentials: { cookie: 'cs' },
      decryptionKeys: { clientId: 'orders-api', clientSecret: place.apiSecret },
      warnings: false,
    })
    await guard.ready()
    const orders = guard.protect({}, (_request, response, { subject }) => {
      response.end(subject)
    })
    const app = createServer((request, response) => {
      cookies.push(request.headers.cookie)
      void orders(request, response)
    })
    await once(app.listen(0, '127.0.0.1'), 'listening')
    closers.push(() => app.close(), guard.close)
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    const server = given
      .replaceAll('__Host-Http-', '')
      .replaceAll('127.0.0.1:8000', new URL(node.origin).host)
      .replaceAll('127.0.0.1:8001', `127.0.0.1:${(app.address() as AddressInfo).port}`)
      .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
      .replace(/^ *ssl_.*$/gmu, '')
    nginx = startNginx(folder, server)
    await vi.waitFor(() => fetch(`${origin}/sign-in`), { timeout: 10_000 })
  })
  afterAll(async () => {
    nginx?.kill('SIGTERM')
    if (nginx?.exitCode === null) await once(nginx, 'exit')
    for (const close of closers) close()
    await place?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('leads a browser to the sign-in page and back, and no request fails while tokens expire', async () => {
    const browser = openBrowser(origin)
    const sent = await browser.get('/orders?page=2')
    expect([sent.status, sent.location]).toEqual([
      303,
      `${origin}/sign-in?return_to=/orders?page=2`,
    ])
    const form = formOf(await browser.get('/sign-in?return_to=/orders?page=2'))
    const fields = { form, username: 'ann', password, return_to: '/orders?page=2' }
    expect((await browser.post('/sign-in', fields)).status).toBe(303)
    const first = browser.jar.get('cs-r')
    const statuses = new Set<number>()
    const until = performance.now() + tokenTtlSeconds * 2_500
    while (performance.now() < until) {
      const copies = Array.from({ length: 4 }, () => browser.get('/orders'))
      for (const { status } of await Promise.all(copies)) statuses.add(status)
    }
    expect([...statuses]).toEqual([200])
    expect(browser.jar.get('cs-r')).not.toBe(first)
    // The application saw the access token alone.
    expect(cookies.every((cookie) => cookie?.startsWith('cs=') && !cookie.includes(';'))).toBe(true)
  })
})
