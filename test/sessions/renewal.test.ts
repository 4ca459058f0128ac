import { createGuard } from '@countersign/guard/node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openBrowser, type Browser, type Page } from './browser.ts'
import { audience, openPlace, type Node, type Place } from './place.ts'

/** Units: seconds. Half of it is one period. */
const tokenTtlSeconds = 60

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace({ tokenTtlSeconds })
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place.close())

async function signedIn(more: Record<string, string> = {}): Promise<Browser> {
  const browser = openBrowser(node.origin)
  expect((await browser.signIn('ann', more)).status).toBe(303)
  return browser
}

async function rotations(): Promise<number> {
  const rows = await place.store.audit.list(0, 100_000)
  return rows.filter(({ event }) => event.event === 'refresh_rotated').length
}

const secretOf = ({ jar }: Browser) => jar.get('cs-r')

describe('renewal', () => {
  it('gives nothing while the token has more than half of its life', async () => {
    const browser = await signedIn()
    await place.pass(tokenTtlSeconds / 2 - 2)
    const page = await browser.get('/session/check')
    expect([page.status, page.cookies, page.text]).toEqual([204, [], ''])
    expect(page.headers.get('content-length')).toBeNull()
  })

  it('gives both cookies once a period is over, and repeats each in a header for a proxy', async () => {
    const browser = await signedIn()
    const before = browser.copy()
    await place.pass(tokenTtlSeconds / 2)
    browser.jar.set('theme', 'dark')
    const page = await browser.get('/session/check', { 'sec-countersign-proxy': 'check' })
    expect([page.status, page.cookies]).toEqual([204, ['cs', 'cs-r']])
    expect(page.headers.get('cookie')).toBe(`cs=${browser.jar.get('cs')}; theme=dark`)
    expect([
      page.headers.get('x-countersign-cookie-1'),
      page.headers.get('x-countersign-cookie-2'),
    ]).toEqual(page.setCookies)
    expect(secretOf(browser)).not.toBe(secretOf(before))
    expect((await browser.get('/session/check')).cookies).toEqual([])
  })

  it('gives a script no cookie that it could read', async () => {
    const browser = await signedIn()
    await place.pass(tokenTtlSeconds / 2)
    const page = await browser.get('/session/check')
    expect(page.cookies).toEqual(['cs', 'cs-r'])
    const readable = [...page.headers].filter(([name]) => name !== 'set-cookie')
    for (const cookie of ['cs', 'cs-r'])
      expect(JSON.stringify(readable)).not.toContain(browser.jar.get(cookie))
  })

  it.each([
    [
      'a page',
      'redirect',
      'text/html',
      '/orders?a=1&b=2',
      303,
      '/sign-in?return_to=%2Forders%3Fa%3D1%26b%3D2',
    ],
    ['another host', 'redirect', 'text/html', '//evil.example/', 303, '/sign-in'],
    ['data', 'redirect', 'application/json', '/orders', 401, null],
    ['a page, by a proxy that redirects itself', 'check', 'text/html', '/orders', 401, null],
  ])(
    'a browser without a session that asks for %s is answered by "%s"',
    async (_, asks, accept, path, status, location) => {
      const page = await openBrowser(node.origin).get('/session/check', {
        'sec-countersign-proxy': asks,
        'x-forwarded-uri': path,
        accept,
      })
      expect([page.status, page.location]).toEqual([status, location])
      expect(page.headers.get('cookie')).toBeNull()
    },
  )

  it('gives only a token where that alone is missing', async () => {
    const browser = await signedIn()
    browser.jar.delete('cs')
    const page = await browser.get('/session/check')
    expect([page.status, page.cookies]).toEqual([204, ['cs']])
  })

  it.each([
    ['of another session', async () => (await signedIn()).jar.get('cs') ?? ''],
    ['that is none', async () => 'a.b.c.d.e'],
  ])('a token %s is replaced', async (_, make) => {
    const browser = await signedIn()
    browser.jar.set('cs', await make())
    expect((await browser.get('/session/check')).cookies).toEqual(['cs'])
  })

  it('by the sign-in page leads back, and asks only where nothing had to be renewed', async () => {
    const browser = await signedIn()
    await place.pass(tokenTtlSeconds)
    const page = await browser.get('/sign-in?return_to=/orders')
    expect([page.status, page.location, page.cookies]).toEqual([303, '/orders', ['cs', 'cs-r']])
    expect((await browser.get('/sign-in?return_to=/orders')).status).toBe(200)
  })

  it('by the sign-in page leads a tab back that was refused while another tab renewed', async () => {
    const browser = await signedIn()
    await place.pass(tokenTtlSeconds)
    await browser.get('/sign-in?return_to=/orders')
    const page = await browser.get('/sign-in?return_to=/stock')
    expect([page.status, page.cookies]).toEqual([200, []])
    expect(page.text).toContain('data-onward href="/stock"')
  })

  it.each([
    ['a person opens it', '/sign-in', 0],
    ['an app still refuses the token after three seconds', '/sign-in?return_to=/stock', 3],
  ])('by the sign-in page asks where %s', async (_, path, seconds) => {
    const browser = await signedIn()
    await place.pass(seconds)
    const page = await browser.get(path)
    expect(page.text).not.toContain('data-onward href')
    expect(page.text).toContain('You are signed in as <bdi>ann</bdi>')
  })

  it('by a script gives a token each time, and says how long it lives', async () => {
    const browser = await signedIn()
    const page = await browser.post('/session/renew', {})
    expect([page.status, page.cookies]).toEqual([200, ['cs']])
    expect(JSON.parse(page.text)).toEqual({ expires_in: expect.any(Number) })
  })

  it('is counted in the audit log as any issue of tokens is', async () => {
    const browser = await signedIn()
    await browser.post('/session/renew', {})
    await vi.waitFor(
      async () =>
        expect((await place.store.audit.list(0, 100_000)).map(({ event }) => event)).toContainEqual(
          expect.objectContaining({
            event: 'token_issued',
            clientId: 'countersign-sessions',
            audience,
            grant: 'session',
          }),
        ),
      { timeout: 5_000, interval: 50 },
    )
  })

  it('keeps the lives of a session that is kept', async () => {
    const browser = await signedIn({ keep: 'yes' })
    await place.pass(86_400)
    const [access = '', secret = ''] = (await browser.get('/session/check')).setCookies
    expect(ageOf(access)).toBeLessThanOrEqual(tokenTtlSeconds)
    expect(Math.abs(ageOf(secret) - 29 * 86_400)).toBeLessThan(5)
  })

  it('ends after 30 days in any case', async () => {
    const browser = await signedIn({ keep: 'yes' })
    await place.pass(29 * 86_400)
    expect((await browser.get('/session/check')).status).toBe(204)
    await place.pass(86_400)
    const page = await browser.get('/session/check')
    expect([page.status, [...browser.jar.keys()]]).toEqual([401, ['cs-b', 'cs-d']])
  })
})

describe('many requests at once', () => {
  it('five tabs with eight requests each: nobody is signed out, one rotation a period, each answer has the cookies', async () => {
    const browser = await signedIn()
    for (let period = 0; period < 3; period += 1) {
      await place.pass(tokenTtlSeconds / 2)
      const before = await rotations()
      const tabs = Array.from({ length: 5 }, () => browser.copy())
      const pages = await Promise.all(
        tabs.flatMap((tab) => Array.from({ length: 8 }, () => tab.copy().get('/session/check'))),
      )
      expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 204))
      expect(new Set(pages.map(({ cookies }) => cookies.join()))).toEqual(new Set(['cs,cs-r']))
      expect(new Set(pages.map(secretIn)).size).toBe(1)
      expect((await rotations()) - before).toBe(1)
      browser.jar.set('cs-r', pages.map(secretIn)[0] ?? '')
    }
    expect((await browser.get('/session/check')).status).toBe(204)
  })

  it('a lost reply, ten minutes offline, then the old cookie: still signed in', async () => {
    const browser = await signedIn()
    const offline = browser.copy()
    await place.pass(tokenTtlSeconds / 2)
    const lost = await browser.get('/session/check')
    await place.pass(600)
    const page = await offline.get('/session/check')
    expect([page.status, page.cookies]).toEqual([204, ['cs', 'cs-r']])
    expect(secretOf(offline)).toBe(secretIn(lost))
    await place.pass(tokenTtlSeconds)
    expect((await offline.get('/session/check')).status).toBe(204)
  })

  it('a secret that was replaced twice is a theft: the session ends for both', async () => {
    const browser = await signedIn()
    const thief = browser.copy()
    for (let period = 0; period < 2; period += 1) {
      await place.pass(tokenTtlSeconds / 2)
      expect((await browser.get('/session/check')).status).toBe(204)
    }
    expect((await thief.get('/session/check')).status).toBe(401)
    expect((await browser.get('/session/check')).status).toBe(401)
    const events = (await place.store.audit.list(0, 100_000)).map(({ event }) => event.event)
    expect(events).toContain('refresh_replayed')
  })
})

describe('an application on the same host', () => {
  const guards: { readonly close: () => void }[] = []
  afterAll(() => guards.forEach((guard) => guard.close()))

  async function openGuard() {
    const guard = createGuard({
      issuer: node.issuer,
      audience,
      credentials: { cookie: 'cs' },
      decryptionKeys: { clientId: 'orders-api', clientSecret: place.apiSecret },
      deps: { now: place.now },
      warnings: false,
    })
    guards.push(guard)
    await guard.ready()
    return (browser: Pick<Browser, 'jar'>) =>
      guard.check({
        method: 'GET',
        url: '/orders',
        rawHeaders: ['Host', '127.0.0.1', 'Cookie', `cs=${browser.jar.get('cs')}`],
      })
  }

  it('gets the user, the session, the level and the roles from the cookie', async () => {
    const check = await openGuard()
    const admitted = await check(await signedIn())
    expect(admitted).toMatchObject({
      ok: true,
      value: {
        claims: {
          username: 'ann',
          uv: 1,
          sid: expect.any(String),
          acr: '1',
          amr: ['pwd'],
          auth_time: expect.any(Number),
          roles: ['editor'],
          scope: 'read',
        },
      },
    })
  })

  it('refuses within a second after a sign-out', async () => {
    const check = await openGuard()
    const browser = await signedIn()
    const old = browser.copy()
    expect(await check(old)).toMatchObject({ ok: true })
    await browser.signOut()
    await vi.waitFor(
      async () => expect(await check(old)).toMatchObject({ refusal: { reason: 'revoked' } }),
      { timeout: 1_000, interval: 10 },
    )
  })

  it('asks for new claims after a change of roles, and a renewal gives them', async () => {
    const check = await openGuard()
    const id = await place.addUser('changing')
    const browser = openBrowser(node.origin)
    await browser.signIn('changing')
    expect(await check(browser)).toMatchObject({ ok: true })
    const access = { audience, scopes: ['read'], roles: ['reader'] }
    const context = { requestId: 't', address: null, actor: 'operator' }
    await place.store.users.setAccess(id, access, context)
    await vi.waitFor(async () => expect(await check(browser)).toMatchObject({ ok: false }), {
      timeout: 2_000,
      interval: 10,
    })
    expect((await browser.get('/session/check')).cookies).toEqual(['cs'])
    expect(await check(browser)).toMatchObject({
      ok: true,
      value: { claims: { roles: ['reader'], uv: 2 } },
    })
  })
})

function secretIn({ setCookies }: Page): string | undefined {
  const cookie = setCookies.find((text) => text.startsWith('cs-r='))
  return cookie?.slice('cs-r='.length, cookie.indexOf(';'))
}

function ageOf(cookie: string): number {
  return Number(cookie.split('Max-Age=')[1])
}
