import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { exportRecords } from '../../packages/server/src/admin/export-records.ts'
import { openBrowser } from './browser.ts'
import { openPlace, type Node, type Place } from './place.ts'

const id = 'countersign-sessions'
const context = { requestId: 't', address: null, actor: 'operator' }

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place.close())

async function signedIn() {
  const browser = openBrowser(node.origin)
  const { status } = await browser.signIn('ann')
  return { browser, status }
}

const soon = { timeout: 2_000, interval: 20 }

it('no export holds the client of sessions, so a file that is applied does not remove it', async () => {
  const { clients } = await exportRecords(place.store)
  expect(JSON.stringify(clients)).toContain('orders-api')
  expect(JSON.stringify(clients)).not.toContain(id)
})

it('the client of sessions gets no token, and no secret of a session is a refresh token', async () => {
  const { browser } = await signedIn()
  for (const fields of [
    { grant_type: 'client_credentials' },
    { grant_type: 'refresh_token', refresh_token: browser.jar.get('cs-r') ?? '' },
  ]) {
    const reply = await fetch(`${node.origin}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: id, ...fields }),
    })
    expect([reply.status, await reply.json()]).toMatchObject([
      400,
      { error: 'unauthorized_client' },
    ])
  }
  expect((await browser.get('/session/check')).status).toBe(204)
})

it('to revoke its tokens ends all sessions, and users sign in again', async () => {
  const { browser } = await signedIn()
  await place.store.clients.revokeTokens(id, context)
  expect((await browser.get('/session/check')).status).toBe(401)
  expect((await signedIn()).status).toBe(303)
})

it('a removed client is made again at the next sign-in', async () => {
  const { browser } = await signedIn()
  await place.store.clients.remove(id, context)
  await vi.waitFor(async () => expect((await signedIn()).status).toBe(303), soon)
  expect((await browser.get('/session/check')).status).toBe(401)
})

it('while it is disabled nobody signs in, and the page does not blame the password', async () => {
  await place.store.clients.disable(id, context)
  await vi.waitFor(async () => expect((await signedIn()).status).toBe(503), soon)
  await place.store.clients.enable(id, context)
  await vi.waitFor(async () => expect((await signedIn()).status).toBe(303), soon)
})
