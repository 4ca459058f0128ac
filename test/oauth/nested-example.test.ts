import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { basic, type Service, startService } from './service.ts'

const audience = 'https://orders.test'
const example = join(import.meta.dirname, '../../examples/encrypted/api.ts')

let service: Service
let api: ChildProcess
let address: string

beforeAll(async () => {
  service = await startService()
  const port = await freePort()
  address = `http://localhost:${port}`
  api = spawn(process.execPath, ['--conditions=countersign-source', example], {
    env: { ...process.env, ISSUER: service.issuer, AUDIENCE: audience, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await answering(`${address}/jwks.json`)
})
afterAll(async () => {
  api.kill()
  await service.close()
})

test('examples/encrypted: the service encrypts to the API, the API opens, nobody between reads', async () => {
  await service.addResource({
    audience,
    scopes: ['orders:read'],
    encryption: {
      source: 'jwks_uri',
      jwksUri: `${address}/jwks.json`,
      alg: 'ECDH-ES+A256KW',
      enc: 'A256GCM',
    },
  })
  const access = [{ audience, scopes: ['orders:read'] }]
  const shop = basic('shop', await service.addClient({ access }))
  const { body } = await service.post('/oauth2/token', { grant_type: 'client_credentials' }, shop)
  const token = String(body['access_token'])
  expect(token.split('.')).toHaveLength(5)
  expect(Buffer.from(token, 'base64url').includes('shop')).toBe(false)

  const read = (authorization: string) => fetch(`${address}/orders`, { headers: { authorization } })
  const answer = await read(`Bearer ${token}`)
  expect([answer.status, await answer.text()]).toEqual([200, 'the orders of shop'])
  expect((await read(`Bearer ${token.slice(0, -4)}AAAA`)).status).toBe(401)
})

/** Waits until something listens there; a child that ended instead is an error. */
async function answering(url: string): Promise<void> {
  for (;;) {
    if (api.exitCode !== null) throw new Error(`the example ended with ${api.exitCode}`)
    const reply = await fetch(url).catch(() => undefined)
    if (reply?.status === 200) return
    await new Promise((resolve) => void setTimeout(resolve, 25))
  }
}
