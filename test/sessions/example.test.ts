import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../free-port.ts'
import { formOf, openBrowser } from './browser.ts'
import { audience, openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

/** Starts the example in a process of its own, and gives its address once it listens. */
async function startExample(): Promise<string> {
  const port = await freePort()
  const main = join(import.meta.dirname, '../../examples/encrypted-cookie/main.ts')
  const app = spawn(process.execPath, ['--conditions=countersign-source', main], {
    env: {
      ...process.env,
      ISSUER: node.issuer,
      AUDIENCE: audience,
      PORT: String(port),
      CLIENT_SECRET: place.apiSecret,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void app.kill())
  await Promise.race([
    once(app.stdout, 'data'),
    once(app, 'exit').then(() => Promise.reject(new Error('the example ended'))),
  ])
  return `http://localhost:${port}`
}

test('examples/encrypted-cookie: the app sends a browser to the sign-in page and gets its user back', async () => {
  const id = await place.addUser('ann')
  const browser = openBrowser(await startExample())
  const sent = await browser.get('/orders')
  expect([sent.status, sent.location]).toEqual([303, '/sign-in?return_to=/orders'])
  const page = await browser.get(sent.location ?? '')
  const fields = { form: formOf(page), username: 'ann', password, return_to: '/orders' }
  expect((await browser.post('/sign-in', fields)).location).toBe('/orders')
  expect((await browser.get('/orders')).text).toContain(`the orders of ${id}`)

  // The token alone is lost, as it is when it expires: the app sends the browser to the pages, which renew and return.
  browser.jar.delete('cs')
  const expired = await browser.get('/orders')
  const renewed = await browser.get(expired.location ?? '')
  expect([renewed.status, renewed.location]).toEqual([303, '/orders'])
  expect((await browser.get('/orders')).status).toBe(200)

  const old = browser.copy()
  await browser.signOut()
  await vi.waitFor(async () => expect((await old.get('/orders')).status).toBe(303), {
    timeout: 2_000,
    interval: 20,
  })
})
