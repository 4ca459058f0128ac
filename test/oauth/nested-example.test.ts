import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { basic, type Service, startService } from './service.ts'

const folder = join(import.meta.dirname, '../../examples')
const alg = 'ECDH-ES+A256KW'
const enc = 'A256GCM'

let service: Service

beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

/** Starts an example in a process of its own; gives its address once it answers there. */
async function startExample(
  name: string,
  audience: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const port = await freePort()
  const example = join(folder, name, 'main.ts')
  const api = spawn(process.execPath, ['--conditions=countersign-source', example], {
    env: {
      ...process.env,
      ISSUER: service.issuer,
      AUDIENCE: audience,
      PORT: String(port),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  onTestFinished(() => void api.kill())
  const address = `http://localhost:${port}`
  await answering(`${address}/orders`, api)
  return address
}

/** Waits until something listens there; a child that ended instead is an error. */
async function answering(url: string, api: ChildProcess): Promise<void> {
  for (;;) {
    if (api.exitCode !== null) throw new Error(`the example ended with ${api.exitCode}`)
    const reply = await fetch(url).catch(() => undefined)
    if (reply?.status === 401) return
    await new Promise((resolve) => void setTimeout(resolve, 25))
  }
}

/** Gets a token and goes to the API with it, and with one that was bent on the way; gives what was answered. */
async function goTheWholeWay(clientId: string, audience: string, address: string) {
  const access = [{ audience, scopes: ['read'] }]
  const shop = basic(clientId, await service.addClient({ id: clientId, access }))
  const { body } = await service.post('/oauth2/token', { grant_type: 'client_credentials' }, shop)
  const token = String(body['access_token'])
  expect(token.split('.')).toHaveLength(5)
  expect(Buffer.from(token, 'base64url').includes(clientId)).toBe(false)

  const read = (authorization: string) => fetch(`${address}/orders`, { headers: { authorization } })
  const answer = await read(`Bearer ${token}`)
  const bent = await read(`Bearer ${token.slice(0, -4)}AAAA`)
  return [answer.status, await answer.text(), bent.status]
}

test('examples/encrypted-own-key: the service encrypts to the API, the API opens, nobody between reads', async () => {
  const audience = 'https://orders.test'
  const address = await startExample('encrypted-own-key', audience)
  const encryption = { source: 'jwks_uri', jwksUri: `${address}/jwks.json`, alg, enc } as const
  await service.addResource({ audience, scopes: ['read'], encryption })
  const answers = await goTheWholeWay('shop', audience, address)
  expect(answers).toEqual([200, 'the orders of shop\n', 401])
})

test('examples/encrypted-managed: the service keeps the keys, and the API is given them as its client', async () => {
  const audience = 'https://kept.test'
  const secret = await service.addClient({ id: 'orders-api', access: [] })
  const encryption = { source: 'managed', alg, enc } as const
  const own = { clientId: 'orders-api', encryption }
  await service.addResource({ audience, scopes: ['read'], ...own })
  const address = await startExample('encrypted-managed', audience, { CLIENT_SECRET: secret })
  const answers = await goTheWholeWay('market', audience, address)
  expect(answers).toEqual([200, 'the orders of market\n', 401])
})
