import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { randomBytes } from 'node:crypto'
import { createGuard } from '@countersign/guard'
import { expect, it, onTestFinished, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { aFolder, runToEnd, startDev } from './dev.ts'

const prefix = '/tenants/one'
const api = 'https://api.example'

/** A proxy that takes the prefix away, and passes on everything else as it comes. */
async function startProxy(to: number): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming
    const path = url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url
    const passed = request({ host: '127.0.0.1', port: to, path, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    outgoing.once('close', () => passed.destroy())
    passed.on('error', () => outgoing.destroy())
    incoming.pipe(passed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

it('an issuer with a path behind a proxy is found by a guard, and takes its tokens back', async () => {
  const [folder, port] = [aFolder(), await freePort()]
  const issuer = `http://localhost:${await startProxy(port)}${prefix}`
  const env = {
    HOST: '127.0.0.1',
    COUNTERSIGN_ISSUER: issuer,
    COUNTERSIGN_PLAIN_HTTP_ISSUER_UNSAFE: 'localhost',
    COUNTERSIGN_KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'),
  }
  const say = async (...args: string[]) => {
    const { code, output } = await runToEnd({ args: [...args, '--json'], folder, env })
    if (code !== 0) throw new Error(output)
    // A note about the new database may come before it.
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as { readonly secret?: string }
  }
  await say('resources', 'add', api, '--scope', 'read')
  const { secret = '' } = await say('clients', 'add', 'shop', '--resource', api)
  const service = await startDev({ args: ['serve'], folder, port, env })
  const guard = createGuard({ issuer, audience: api })
  onTestFinished(async () => {
    guard.close()
    await service.end()
  })
  await guard.ready()
  const post = async (path: string, fields: Record<string, string>) =>
    await fetch(issuer + path, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`shop:${secret}`).toString('base64')}` },
      body: new URLSearchParams(fields),
    })
  const answer = await post('/oauth2/token', { grant_type: 'client_credentials' })
  const { access_token: token } = (await answer.json()) as { readonly access_token: string }
  const ask = async () => {
    const headers = { authorization: `Bearer ${token}` }
    const outcome = await guard.check(new Request('http://api.example/', { headers }))
    return outcome.ok ? 'ok' : outcome.refusal.reason
  }
  expect(await ask()).toBe('ok')
  await vi.waitFor(() => expect(guard.health().issuers[0]?.revocation?.state).toBe('fresh'))
  expect((await post('/oauth2/revoke', { token })).status).toBe(200)
  await vi.waitFor(async () => expect(await ask()).toBe('revoked'))
})
