import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { openPlace, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

it.each([
  { name: 'of a wrong address', path: '/nowhere', status: 404, has: 'This page does not exist' },
  { name: 'in German', path: '/nowhere?lang=de', status: 404, has: 'Diese Seite gibt es nicht' },
])('a browser gets the page $name, with the request id', async ({ path, status, has }) => {
  const page = await openBrowser(node.origin).get(path)
  expect(page.status).toBe(status)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.text).toContain(has)
  expect(page.text).toContain(`<code>${page.headers.get('x-request-id')}</code>`)
})

it('a form that is too long gets a page', async () => {
  const page = await openBrowser(node.origin).post('/sign-in', { username: 'x'.repeat(70_000) })
  expect(page.status).toBe(413)
  expect(page.text).toContain('That was too long for us')
})

it.each([
  { name: 'a program at a wrong address', path: '/nowhere', accept: '*/*', error: 'not_found' },
  {
    name: 'a browser at the protocol',
    path: '/oauth2/token',
    accept: 'text/html',
    error: 'method_not_allowed',
  },
])('$name gets JSON', async ({ path, accept, error }) => {
  const page = await openBrowser(node.origin).get(path, { accept })
  expect(JSON.parse(page.text)).toEqual({ error })
})
