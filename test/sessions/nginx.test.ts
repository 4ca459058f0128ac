import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startNginx } from '../deploy/start-nginx.ts'
import { freePort } from '../free-port.ts'
import { startProxiedApp, walkThrough, type ProxiedApp } from './proxied-app.ts'

const isThere = spawnSync('nginx', ['-v']).status === 0
if (!isThere) console.log('note: no nginx here, so deploy/nginx-sessions.conf was not tried')
const given = readFileSync(join(import.meta.dirname, '../../deploy/nginx-sessions.conf'), 'utf8')

describe.skipIf(!isThere)('the file for nginx with sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  let proxied: ProxiedApp
  let nginx: ChildProcess
  let origin = ''

  beforeAll(async () => {
    proxied = await startProxiedApp()
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    const server = given
      .replaceAll('127.0.0.1:8000', new URL(proxied.node.origin).host)
      .replaceAll('127.0.0.1:8001', proxied.app)
      .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
      .replace(/^ *ssl_.*$/gmu, '')
    nginx = startNginx(folder, server)
    await vi.waitFor(() => fetch(`${origin}/sign-in`), { timeout: 10_000 })
  })
  afterAll(async () => {
    nginx?.kill('SIGTERM')
    if (nginx?.exitCode === null) await once(nginx, 'exit')
    await proxied?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('leads a browser to the sign-in page and back, and no request fails while tokens expire', async () => {
    expect(await walkThrough(origin, proxied)).toEqual([200])
  })
})
