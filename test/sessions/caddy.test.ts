import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { startProxiedApp, walkThrough, type ProxiedApp } from './proxied-app.ts'

const isThere = spawnSync('caddy', ['version']).status === 0
if (!isThere) console.log('note: no caddy here, so deploy/caddy-sessions.conf was not tried')
const given = readFileSync(join(import.meta.dirname, '../../deploy/caddy-sessions.conf'), 'utf8')

describe.skipIf(!isThere)('the file for Caddy with sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-caddy-'))
  let proxied: ProxiedApp
  let caddy: ChildProcess
  let origin = ''

  beforeAll(async () => {
    proxied = await startProxiedApp()
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    const site = given
      .replaceAll('127.0.0.1:8000', new URL(proxied.node.origin).host)
      .replaceAll('127.0.0.1:8001', proxied.app)
      .replace('id.example.com {', `http://127.0.0.1:${port} {`)
    const file = join(folder, 'Caddyfile')
    writeFileSync(file, `{\n\tadmin off\n}\n${site}`)
    const args = ['run', '--config', file, '--adapter', 'caddyfile']
    const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
    caddy = spawn('caddy', args, { env, stdio: 'ignore' })
    await vi.waitFor(() => fetch(`${origin}/sign-in`), { timeout: 10_000 })
  })
  afterAll(async () => {
    caddy?.kill('SIGTERM')
    if (caddy?.exitCode === null) await once(caddy, 'exit')
    await proxied?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('leads a browser to the sign-in page and back, and no request fails while tokens expire', async () => {
    expect(await walkThrough(origin, proxied)).toEqual([200])
  })
})
