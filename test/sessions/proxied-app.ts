import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@countersign/guard/node'
import { expect } from 'vitest'
import { formOf, openBrowser } from './browser.ts'
import { audience, openPlace, password, type Node } from './place.ts'

/** Units: seconds. */
const tokenTtlSeconds = 2

/** A service and a guarded application, for a proxy in front of both. */
export interface ProxiedApp {
  readonly node: Node
  /** The address of the application. */
  readonly app: string
  /** The `Cookie` header of each request that the application got. */
  readonly cookies: readonly (string | undefined)[]
  readonly close: () => Promise<void>
}

export async function startProxiedApp(): Promise<ProxiedApp> {
  const place = await openPlace({ tokenTtlSeconds })
  const node = await place.startNode()
  await place.addUser('ann')
  const cookies: (string | undefined)[] = []
  const guard = createGuard({
    issuer: node.issuer,
    audience,
    // Behind a proxy that names its client a plain name is accepted from this machine alone, as here.
    credentials: { cookie: 'cs' },
    decryptionKeys: { clientId: 'orders-api', clientSecret: place.apiSecret },
    warnings: false,
  })
  await guard.ready()
  const orders = guard.protect({}, async (request, response, { subject }) => {
    let body = ''
    for await (const piece of request) body += String(piece)
    response.setHeader('set-cookie', 'theme=dark; Path=/')
    response.end(`${request.method} ${subject} ${body}`)
  })
  const app = createServer((request, response) => {
    cookies.push(request.headers.cookie)
    void orders(request, response)
  })
  await once(app.listen(0, '127.0.0.1'), 'listening')
  return {
    node,
    app: `127.0.0.1:${(app.address() as AddressInfo).port}`,
    cookies,
    async close() {
      app.close()
      guard.close()
      await place.close()
    },
  }
}

/**
 * Signs in through a proxy and asks the application while tokens expire; gives the statuses of the application, each once.
 * Throws: at the first answer that is not as promised.
 */
export async function walkThrough(
  origin: string,
  { cookies }: ProxiedApp,
): Promise<readonly number[]> {
  const browser = openBrowser(origin)
  const sent = await browser.get('/orders?page=2&sort=up')
  const signIn = '/sign-in?return_to=%2Forders%3Fpage%3D2%26sort%3Dup'
  expect([sent.status, sent.location]).toEqual([303, signIn])
  expect((await browser.get('/orders', { accept: 'application/json' })).status).toBe(401)
  const form = formOf(await browser.get(signIn))
  const fields = { form, username: 'ann', password, return_to: '/orders?page=2&sort=up' }
  expect((await browser.post('/sign-in', fields)).status).toBe(303)
  const first = browser.jar.get('cs-r')
  const statuses = new Set<number>()
  const until = performance.now() + tokenTtlSeconds * 2_500
  while (performance.now() < until) {
    const copies = Array.from({ length: 4 }, () => browser.get('/orders'))
    for (const { status } of await Promise.all(copies)) statuses.add(status)
  }
  expect(browser.jar.get('cs-r')).not.toBe(first)
  expect(browser.jar.get('theme')).toBe('dark')
  const posted = await browser.post('/orders', { item: 'tea' })
  expect(posted.text).toMatch(/^POST \S+ item=tea$/u)
  // The application saw the access token and its own cookie, and no secret of the session.
  const names = (header = '') => header.split('; ').map((pair) => pair.split('=', 1)[0])
  expect(
    cookies.filter((cookie) => names(cookie).some((name) => !['cs', 'theme'].includes(name ?? ''))),
  ).toEqual([])
  expect(names(cookies.at(-1))).toEqual(['cs', 'theme'])
  return [...statuses]
}
