import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { formOf, openBrowser } from './browser.ts'
import { startExample } from './start-example.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

test('examples/encrypted-cookie: the app sends a browser to the sign-in page and gets its user back', async () => {
  const id = await place.addUser('ann')
  const app = await startExample(place, node)
  onTestFinished(app.stop)
  const browser = openBrowser(app.origin)
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

test('examples/encrypted-cookie: a route that asks for more leads through a proof and back', async () => {
  const id = await place.addUser('bea')
  const { codeAt } = await place.enrol(id)
  const app = await startExample(place, node)
  onTestFinished(app.stop)
  const browser = openBrowser(app.origin)
  await browser.signIn('bea', { return_to: '/orders/cancel' })
  const form = formOf(await browser.get('/sign-in/second-factor'))
  const signedIn = await browser.post('/sign-in/second-factor', { form, code: codeAt(place.now()) })
  expect(signedIn.location).toBe('/orders/cancel')
  expect((await browser.get('/orders/cancel')).text).toBe(`cancelled by ${id}\n`)

  await place.store.factors.removeTotp(
    { userId: id, sid: (await place.store.sessions.list(id, 1))[0]?.family.sid ?? '' },
    [],
    { requestId: 'test', address: null, actor: null },
  )
  // Without a second factor the service leads to its set-up.
  const weaker = openBrowser(app.origin)
  await weaker.signIn('bea')
  const refused = await weaker.get('/orders/cancel')
  expect(refused.location).toBe('/sign-in?return_to=/orders/cancel&acr_values=2')
  expect((await weaker.get(refused.location ?? '')).location).toBe(
    '/account/security/app-code?lang=en&return_to=%2Forders%2Fcancel',
  )
})
