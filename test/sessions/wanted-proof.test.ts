import { afterAll, beforeAll, expect, it } from 'vitest'
import { formOf, openBrowser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

async function signedIn(name: string) {
  const id = await place.addUser(name)
  const browser = openBrowser(node.origin)
  await browser.signIn(name)
  return { id, browser }
}

it('an old sign-in is confirmed by the password, and goes back', async () => {
  const { id, browser } = await signedIn('ann')
  await place.pass(400)
  const asked = await browser.get('/sign-in?max_age=300&return_to=/orders')
  expect(asked.location).toBe('/confirm?lang=en&return_to=%2Forders')
  const form = formOf(await browser.get(asked.location ?? ''))
  const page = await browser.post('/confirm', { form, password, return_to: '/orders' })
  expect([page.status, page.location]).toEqual([303, '/orders'])
  const [session] = await place.store.sessions.list(id, 1)
  expect(place.now() - Number(session?.authTime)).toBeLessThan(5)
  const after = await browser.get('/sign-in?max_age=300&return_to=/orders')
  expect([after.status, after.text.includes('You are signed in now')]).toEqual([200, true])
})

it('level 2 is confirmed by the second factor, and set up without one', async () => {
  const { id, browser } = await signedIn('bea')
  const setUp = await browser.get('/sign-in?acr_values=2&return_to=/orders')
  expect(setUp.location).toBe('/account/security/app-code?lang=en&return_to=%2Forders')
  await place.enrol(id)
  const confirm = await browser.get('/sign-in?acr_values=2&return_to=/orders')
  expect(confirm.location).toBe('/confirm?lang=en&return_to=%2Forders')
})

it('asks a browser without a session for the password, as always', async () => {
  const page = await openBrowser(node.origin).get('/sign-in?acr_values=2&max_age=300')
  expect([page.status, page.text.includes('name="password"')]).toEqual([200, true])
})
