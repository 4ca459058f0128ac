import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { startNginx } from './start-nginx.ts'

const isThere =
  spawnSync('nginx', ['-v']).status === 0 && spawnSync('openssl', ['version']).status === 0
if (!isThere) console.log('note: no nginx and openssl here, so deploy/nginx.conf was not tried')

const given = readFileSync(join(import.meta.dirname, '..', '..', 'deploy', 'nginx.conf'), 'utf8')

describe.skipIf(!isThere)('the file for nginx', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const service = createServer(({ headers }, response) => {
    response.end(`${headers.host} ${String(headers['x-forwarded-for'])}`)
  })
  let nginx: ChildProcess | undefined
  let port = 0

  beforeAll(async () => {
    const kind = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1'
    const names = ['-keyout', key, '-out', certificate, '-subj', '/CN=id.example.com']
    const made = spawnSync('openssl', ['req', ...kind.split(' '), ...names])
    if (made.status !== 0) throw new Error('no certificate')
    await once(service.listen(0, '127.0.0.1'), 'listening')
    port = await freePort()
    const { port: behind } = service.address() as AddressInfo
    const server = given
      .replaceAll('/etc/ssl/id.example.com.pem', certificate)
      .replaceAll('/etc/ssl/id.example.com.key', key)
      .replaceAll('127.0.0.1:8000', `127.0.0.1:${behind}`)
      .replace(/^ *listen 443/mu, `listen 127.0.0.1:${port}`)
    nginx = startNginx(folder, server)
    const isUp = async () => {
      if (!(await shake({})).startsWith('TLS')) throw new Error('nginx does not listen')
    }
    await vi.waitFor(isUp, { timeout: 10_000 })
  })
  afterAll(async () => {
    if (nginx !== undefined && nginx.exitCode === null) {
      nginx.kill('SIGTERM')
      await once(nginx, 'exit')
    }
    service.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The version and cipher that a handshake comes to, or the code of its fault. */
  function shake(options: ConnectionOptions): Promise<string> {
    return new Promise((resolve) => {
      const all = { port, host: '127.0.0.1', rejectUnauthorized: false, ...options }
      const socket = connect(all, () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`)
        socket.destroy()
      })
      socket.on('error', (fault: NodeJS.ErrnoException) => resolve(String(fault.code)))
    })
  }

  const lax = (ciphers: string) => ({ ciphers: `${ciphers}@SECLEVEL=0` })
  it.each([
    ['TLS 1.3', { minVersion: 'TLSv1.3' }, 'TLSv1.3'],
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }, 'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ] as const)('takes %s', async (_, options, wanted) => {
    expect(await shake(options)).toMatch(wanted)
  })

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ...lax('ALL') }],
    ['CBC', { maxVersion: 'TLSv1.2', ...lax('ECDHE-ECDSA-AES128-SHA256') }],
    ['CHACHA20 of TLS 1.2', { maxVersion: 'TLSv1.2', ...lax('ECDHE-ECDSA-CHACHA20-POLY1305') }],
  ] as const)('refuses %s', async (_, options) => {
    expect(await shake(options)).toMatch(/^E/u)
  })

  it('replaces the forwarding header of a stranger', async () => {
    const headers = { host: 'id.example.com', 'x-forwarded-for': '6.6.6.6' }
    const asked = request({
      host: '127.0.0.1',
      port,
      headers,
      rejectUnauthorized: false,
      path: '/x',
    })
    asked.end()
    const [answer] = await once(asked, 'response')
    const heard: string[] = []
    for await (const piece of answer) heard.push(String(piece))
    expect(heard.join('')).toBe('id.example.com 127.0.0.1')
  })
})
