import { afterAll, beforeAll, expect, it } from 'vitest'
import { formOf, openBrowser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

const issuer = 'https://id.example'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace({ issuer })
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place.close())

it('each cookie has the prefix that only this host can set, and is for TLS alone', async () => {
  const browser = openBrowser(node.origin)
  const page = await browser.signIn('ann')
  expect(page.cookies).toEqual([
    '__Host-Http-cs',
    '__Host-Http-cs-r',
    '__Host-Http-cs-b',
    '__Host-Http-cs-d',
  ])
  for (const cookie of page.setCookies) {
    expect(cookie).toContain('; Path=/; HttpOnly; SameSite=Lax; Secure')
    expect(cookie).not.toContain('Domain=')
    expect(cookie.length).toBeLessThan(4_096)
  }
  expect((await browser.get('/session/check')).status).toBe(204)
})

it('plain names are no cookies there, so a page over plain http cannot set them', async () => {
  const browser = openBrowser(node.origin)
  await browser.signIn('ann')
  const plain = [...browser.jar].map(([name, value]) => [name.replace('__Host-Http-', ''), value])
  const cookie = plain.map((pair) => pair.join('=')).join('; ')
  const reply = await fetch(`${node.origin}/session/check`, { headers: { cookie } })
  expect(reply.status).toBe(401)
})

it.each([
  [issuer, 303],
  ['http://id.example', 403],
  ['https://id.example.evil.example', 403],
  ['https://other.id.example', 403],
  ['https://id.example:8443', 403],
])('an old browser that sends the origin %s gets %i', async (origin, status) => {
  const browser = openBrowser(node.origin)
  const form = formOf(await browser.get('/sign-in'))
  const fields = { form, username: 'ann', password }
  const reply = await browser.post('/sign-in', fields, { 'sec-fetch-site': '', origin })
  expect(reply.status).toBe(status)
})
