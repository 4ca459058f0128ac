import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { formOf, openBrowser, type Browser, type Page } from './browser.ts'
import { codeOf, secretOf } from './enrol.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

const setUp = '/account/security/app-code'
const codesPath = '/account/security/recovery-codes'

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

/** The form of account pages, which comes after the one that signs out. */
function accountFormOf({ text }: Page): string {
  return formOf({ text: text.slice(text.indexOf('<main')) } as Page)
}

const keyOf = ({ text }: Page) => /<code class="key" dir="ltr">([A-Z2-7 ]+)<\/code>/.exec(text)?.[1]

async function sendSetUp(browser: Browser, code: string, more = {}) {
  const page = await browser.get(setUp)
  return browser.post(setUp, { form: accountFormOf(page), code, ...more })
}

/** Turns a code app on, and gives the codes that the page shows. */
async function turnOn(browser: Browser) {
  const secret = secretOf(keyOf(await browser.get(setUp)) ?? '')
  const page = await sendSetUp(browser, codeOf(secret, place.now()))
  const codes = [...page.text.matchAll(/<li><code>([^<]+)<\/code><\/li>/g)].map(
    ([, code = '']) => code,
  )
  return { page, secret, codes }
}

const sessionsOf = (id: UserId) => place.store.sessions.list(id, 10)

describe('the set-up of a code app', () => {
  it('shows a picture and the same key until a code is entered', async () => {
    const { browser } = await signedIn('ann')
    const page = await browser.get(setUp)
    expect(page.status).toBe(200)
    expect(page.text).toContain('class="qr"')
    expect(page.text).toContain('otpauth://totp/')
    expect(keyOf(await browser.get(setUp))).toBe(keyOf(page))
  })

  it('turns it on by the first code, and shows ten recovery codes once', async () => {
    const { id, browser } = await signedIn('bea')
    const { page, codes } = await turnOn(browser)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Your authenticator app is on')
    expect(new Set(codes).size).toBe(10)
    expect(await place.store.users.factors(id)).toMatchObject({
      hasTotp: true,
      recoveryCodesLeft: 10,
    })
    const security = await browser.get('/account/security')
    expect(security.text).toContain('10 codes are left')
    expect(security.text).not.toContain(codes[0])
  })

  it('raises this session to level 2, and no other', async () => {
    const { id, browser } = await signedIn('cat')
    const other = openBrowser(node.origin)
    await other.signIn('cat')
    const { page } = await turnOn(browser)
    expect(page.cookies).toEqual(expect.arrayContaining(['cs', 'cs-r']))
    expect((await sessionsOf(id)).map(({ acr }) => acr).toSorted()).toEqual(['1', '2'])
    expect((await browser.get('/account/security')).status).toBe(200)
    expect((await other.get('/account/security')).location).toContain('/confirm?')
  })

  it('is no factor before its first code: the password alone signs in', async () => {
    const { browser } = await signedIn('dan')
    await browser.get(setUp)
    expect((await openBrowser(node.origin).signIn('dan', { return_to: '/x' })).location).toBe('/x')
  })

  it('ends after ten minutes', async () => {
    const { id, browser } = await signedIn('eve')
    const page = await browser.get(setUp)
    const secret = secretOf(keyOf(page) ?? '')
    await place.pass(601)
    const late = { form: accountFormOf(page), code: codeOf(secret, place.now()) }
    const answer = await browser.post(setUp, late)
    expect(answer.status).toBe(200)
    expect(keyOf(answer)).not.toBe(keyOf(page))
    expect((await place.store.users.factors(id)).hasTotp).toBe(false)
  })

  it('takes five wrong codes, and begins with another secret then', async () => {
    const { browser } = await signedIn('fay')
    const key = keyOf(await browser.get(setUp))
    const pages: Page[] = []
    for (let tries = 0; tries < 5; tries += 1) pages.push(await sendSetUp(browser, '000000'))
    expect(pages.map(({ status }) => status)).toEqual([403, 403, 403, 403, 200])
    expect(keyOf(pages[3] as Page)).toBe(key)
    expect(keyOf(pages[4] as Page)).not.toBe(key)
  })

  it.each([
    ['missing', '', 400],
    ['of letters', 'abcdef', 400],
    ['wrong', '000000', 403],
  ])('turns nothing on with a code that is %s', async (how, code, status) => {
    const { id, browser } = await signedIn(`set-${how.replaceAll(' ', '-')}`)
    expect((await sendSetUp(browser, code)).status).toBe(status)
    expect((await place.store.users.factors(id)).hasTotp).toBe(false)
  })

  it('goes on where a sign-in led to it', async () => {
    const { browser } = await signedIn('gus')
    const page = await browser.get(`${setUp}?return_to=/orders`)
    expect(page.text).toContain('name="return_to" value="/orders"')
    const secret = secretOf(keyOf(page) ?? '')
    const done = await sendSetUp(browser, codeOf(secret, place.now()), { return_to: '/orders' })
    expect(done.text).toContain('href="/orders"')
  })

  it('replaces the former app, whose codes end', async () => {
    const { id, browser } = await signedIn('hal')
    const first = await turnOn(browser)
    await place.pass(60)
    const second = await turnOn(browser)
    expect(second.page.location).toContain('factor=app-added')
    expect((await place.store.users.factors(id)).recoveryCodesLeft).toBe(10)
    await place.pass(60)
    const next = openBrowser(node.origin)
    await next.signIn('hal')
    const form = formOf(await next.get('/sign-in/second-factor'))
    const send = (secret: Uint8Array) =>
      next.post('/sign-in/second-factor', { form, code: codeOf(secret, place.now()) })
    expect((await send(first.secret)).status).toBe(403)
    expect((await send(second.secret)).status).toBe(303)
  })
})

describe('routes of second factors', () => {
  const routes = [
    ['GET', setUp],
    ['POST', setUp],
    ['GET', `${setUp}/remove`],
    ['POST', `${setUp}/remove`],
    ['GET', codesPath],
    ['POST', codesPath],
  ] as const

  async function ask(browser: Browser, method: string, path: string) {
    return method === 'GET' ? browser.get(path) : browser.post(path, { form: 'Zm9ybQ', code: '1' })
  }

  it.each(routes)(
    '%s %s is closed to a session of level 1 of an enrolled user',
    async (method, path) => {
      const { id, browser } = await signedIn(
        `weak-${method}-${path.replaceAll('/', '-')}`.toLowerCase(),
      )
      await place.enrol(id)
      const page = await ask(browser, method, path)
      expect(page.status).toBe(303)
      expect(page.location).toMatch(/^\/confirm\?why=factor/)
      expect((await place.store.users.factors(id)).hasTotp).toBe(true)
    },
  )

  it.each(routes)('%s %s asks for a new proof after 15 minutes', async (method, path) => {
    const { browser } = await signedIn(`old-${method}-${path.replaceAll('/', '-')}`.toLowerCase())
    await place.pass(901)
    expect((await ask(browser, method, path)).location).toMatch(/^\/confirm\?why=factor/)
  })

  it.each(routes)('%s %s is closed at once to a session that has ended', async (method, path) => {
    const { id, browser } = await signedIn(
      `gone-${method}-${path.replaceAll('/', '-')}`.toLowerCase(),
    )
    await place.store.sessions.endOthers(id, null, 'ended', {
      requestId: 't',
      address: null,
      actor: null,
    })
    expect((await ask(browser, method, path)).location).toMatch(/^\/sign-in\?/)
  })
})

describe('the removal of a code app', () => {
  it('lowers every session that used it, and the password alone signs in again', async () => {
    const { id, browser } = await signedIn('ida')
    const { secret } = await turnOn(browser)
    await place.pass(60)
    const other = openBrowser(node.origin)
    await other.signIn('ida')
    const form = formOf(await other.get('/sign-in/second-factor'))
    await other.post('/sign-in/second-factor', { form, code: codeOf(secret, place.now()) })
    expect((await sessionsOf(id)).map(({ acr }) => acr)).toEqual(['2', '2'])
    const asked = await browser.get(`${setUp}/remove`)
    expect(asked.text).toContain('Your password alone will sign you in.')
    const page = await browser.post(`${setUp}/remove`, { form: accountFormOf(asked) })
    expect(page.location).toContain('factor=app-removed')
    expect((await browser.get(page.location ?? '')).text).toContain(
      'The authenticator app is removed',
    )
    expect((await sessionsOf(id)).map(({ acr }) => acr)).toEqual(['1', '1'])
    expect(await place.store.users.factors(id)).toMatchObject({
      hasTotp: false,
      recoveryCodesLeft: 0,
    })
    // The access token of level 2 is stale, so this check gives a new one.
    expect((await other.get('/session/check')).cookies).toContain('cs')
    expect((await openBrowser(node.origin).signIn('ida', { return_to: '/x' })).location).toBe('/x')
  })
})

describe('new recovery codes', () => {
  it('end the old ones, and are shown once', async () => {
    const { browser } = await signedIn('jan')
    const { codes } = await turnOn(browser)
    const asked = await browser.get(codesPath)
    expect(asked.text).toContain('Your 10 old codes end then.')
    const made = await browser.post(codesPath, { form: accountFormOf(asked) })
    const fresh = /<li><code>([^<]+)<\/code><\/li>/.exec(made.text)?.[1] ?? ''
    const next = openBrowser(node.origin)
    await next.signIn('jan')
    const form = formOf(await next.get('/sign-in/second-factor'))
    const send = (code: string) =>
      next.post('/sign-in/second-factor', { form, code, way: 'recovery' })
    expect((await send(codes[0] ?? '')).status).toBe(403)
    expect((await send(fresh)).status).toBe(303)
    expect((await browser.get(codesPath)).text).not.toContain(fresh)
  })

  it('are not made for an account without a second factor', async () => {
    const { id, browser } = await signedIn('kim')
    expect((await browser.get(codesPath)).location).toBe('/account/security?lang=en')
    const form = accountFormOf(await browser.get(setUp))
    expect((await browser.post(codesPath, { form })).location).toBe('/account/security?lang=en')
    expect((await place.store.users.factors(id)).recoveryCodesLeft).toBe(0)
  })
})

it('no page, address or log line holds a secret, a code or a password', async () => {
  const { browser } = await signedIn('lea')
  const { secret, codes } = await turnOn(browser)
  const pages = await Promise.all(['/account/security', codesPath].map((path) => browser.get(path)))
  const texts = [place.logged(), ...pages.map(({ text }) => text)].join('\n')
  for (const needle of [...codes, Buffer.from(secret).toString('base64url'), password])
    expect(texts).not.toContain(needle)
})
