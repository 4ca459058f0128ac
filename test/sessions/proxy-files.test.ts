import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { endpointTable } from '../../packages/server/src/main/table.ts'
import { openBrowser } from './browser.ts'
import { openPlace, type Node, type Place } from './place.ts'

const files = ['nginx-sessions.conf', 'caddy-sessions.conf', 'traefik-sessions.yaml']
const read = (file: string) => readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8')

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place?.close())

it.each(files)('%s leads each route of browsers to the service', (file) => {
  const pattern = /\^\/\([^\s`]*\$\)/u.exec(read(file))?.[0]
  if (pattern === undefined) throw new Error('the file has no pattern of paths')
  const ofService = new RegExp(pattern, 'u')
  const paths = endpointTable.filter(({ needsBrowsers }) => needsBrowsers).map(({ path }) => path)
  const missing = paths.filter((path) => !ofService.test(path) && !path.startsWith('/oauth2/'))
  expect(missing).toEqual([])
  expect(['/orders', '/accounts', '/'].filter((path) => ofService.test(path))).toEqual([])
})

it.each(files)('%s asks as a proxy, whose answers hold cookies', (file) => {
  expect(read(file)).toContain('Sec-Countersign-Proxy')
})

it('the request that Traefik sends for its file gets what the file passes on', async () => {
  const browser = openBrowser(node.origin)
  // The headers of a forwardAuth request, as its documentation lists them.
  const forwarded = {
    'x-forwarded-method': 'POST',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'id.example.com',
    'x-forwarded-uri': '/orders?page=2',
    'x-forwarded-for': '192.0.2.7',
    'sec-countersign-proxy': 'redirect',
  }
  const signedOut = await browser.get('/session/check', forwarded)
  expect([signedOut.status, signedOut.location]).toEqual([
    303,
    '/sign-in?return_to=%2Forders%3Fpage%3D2',
  ])
  await browser.signIn('ann')
  browser.jar.set('theme', 'dark')
  browser.jar.delete('cs')
  const renewed = await browser.get('/session/check', forwarded)
  expect([renewed.status, renewed.cookies]).toEqual([204, ['cs']])
  const [, passed = ''] = /authResponseHeaders: \[(.*)\]/u.exec(read('traefik-sessions.yaml')) ?? []
  expect(renewed.headers.get(passed)).toBe(`cs=${browser.jar.get('cs')}; theme=dark`)
})
