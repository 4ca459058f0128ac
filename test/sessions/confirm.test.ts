import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, openBrowser, type Browser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

async function signedIn(name: string): Promise<Browser> {
  await place.addUser(name)
  const browser = openBrowser(node.origin)
  await browser.signIn(name, { return_to: '/' })
  return browser
}

async function confirm(browser: Browser, fields = {}, headers = {}) {
  const page = await browser.get('/confirm?why=password&return_to=/account')
  return browser.post(
    '/confirm',
    { form: formOf(page), return_to: '/account', why: 'password', password, ...fields },
    headers,
  )
}

/** When the session was last proven. */
async function provenAt(name: string) {
  const user = await place.store.users.findByName(name as never)
  const [session] = await place.store.sessions.list(user?.user.id as never, 1)
  return session?.provedAt
}

describe('the page for a new proof', () => {
  it('names the act, and the account', async () => {
    const browser = await signedIn('ann')
    const page = await browser.get('/confirm?why=password&return_to=/account')
    expect(page.status).toBe(200)
    for (const text of ['change your password', 'ann']) expect(page.text).toContain(text)
  })

  it('sends a browser without a session to the sign-in, and keeps the target', async () => {
    const page = await openBrowser(node.origin).get('/confirm?return_to=/account')
    expect([page.status, page.location]).toEqual([303, '/sign-in?lang=en&return_to=%2Faccount'])
  })

  it('takes the password, gives new cookies, and the old secret leads to the new one', async () => {
    const browser = await signedIn('bea')
    await place.pass(1_000)
    const before = browser.copy()
    const page = await confirm(browser)
    expect([page.status, page.location]).toEqual([303, '/account'])
    expect(page.cookies).toEqual(['cs', 'cs-r'])
    expect(browser.jar.get('cs-r')).not.toBe(before.jar.get('cs-r'))
    expect(Math.abs(Number(await provenAt('bea')) - place.now())).toBeLessThan(5)
    // A tab that was loading meanwhile is not signed out.
    expect((await before.get('/session/check')).status).toBe(204)
    expect(before.jar.get('cs-r')).toBe(browser.jar.get('cs-r'))
  })

  it.each([
    ['no password', { password: '' }, {}, 400],
    ['a wrong password', { password: 'five ordinary words right here' }, {}, 403],
    ['a form of another session', { form: 'Zm9ybQ' }, {}, 400],
    ['another site', {}, { 'sec-fetch-site': 'cross-site' }, 403],
  ])('proves nothing with %s', async (how, fields, headers, status) => {
    const name = `no-${how.replaceAll(' ', '-')}`
    const browser = await signedIn(name)
    await place.pass(1_000)
    const page = await confirm(browser, fields, headers)
    expect([page.status, page.cookies]).toEqual([status, []])
    expect(place.now() - Number(await provenAt(name))).toBeGreaterThan(900)
  })

  it('counts wrong passwords as the sign-in does', async () => {
    const browser = await signedIn('cat')
    const statuses: number[] = []
    for (let tries = 0; tries < 21; tries += 1)
      statuses.push((await confirm(browser, { password: 'wrong words all the way' })).status)
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 403))
    expect(statuses[20]).toBe(429)
    const page = await confirm(browser)
    expect([page.status, page.cookies]).toEqual([429, []])
  })

  it('returns to paths of this site only', async () => {
    const browser = await signedIn('dan')
    const page = await confirm(browser, { return_to: '//evil.example' })
    expect([page.status, page.location]).toEqual([303, '/'])
  })

  it('is nothing for a session that has ended', async () => {
    const browser = await signedIn('eve')
    const page = await browser.get('/confirm')
    const late = browser.copy()
    await browser.signOut()
    const answer = await late.post('/confirm', { form: formOf(page), password })
    expect([answer.status, answer.location]).toEqual([303, '/sign-in?lang=en&return_to=%2F'])
    expect(answer.cookies).toEqual([])
  })
})

describe('a new proof of a user with a second factor', () => {
  /** A browser that signed in before the user had a second factor. */
  async function signedInBefore(name: string) {
    const id = await place.addUser(name)
    const browser = openBrowser(node.origin)
    await browser.signIn(name, { return_to: '/' })
    return { id, browser, ...(await place.enrol(id)) }
  }

  it('asks for the password and a code on one page', async () => {
    const { browser } = await signedInBefore('two-fields')
    const { text } = await browser.get('/confirm')
    for (const field of ['name="password"', 'name="code"', 'autocomplete="one-time-code"'])
      expect(text).toContain(field)
  })

  it('raises the session to level 2, and its access token too', async () => {
    const { id, browser, codeAt } = await signedInBefore('raise')
    await place.pass(60)
    const page = await confirm(browser, { code: codeAt(place.now()) })
    expect([page.status, page.location]).toEqual([303, '/account'])
    const [session] = await place.store.sessions.list(id, 1)
    expect(session).toMatchObject({ acr: '2', amr: ['pwd', 'otp'] })
  })

  it.each([
    ['the password alone', { code: '' }, 400],
    ['a wrong code', { code: '000000' }, 403],
    ['the code alone', { password: '' }, 400],
    ['a wrong password and the code', { password: 'five ordinary words right here' }, 403],
  ])('is not done by %s', async (how, fields, status) => {
    const { id, browser, codeAt } = await signedInBefore(how.replaceAll(' ', '-'))
    await place.pass(60)
    const page = await confirm(browser, { code: codeAt(place.now()), ...fields })
    expect([page.status, page.cookies]).toEqual([status, []])
    expect((await place.store.sessions.list(id, 1))[0]?.acr).toBe('1')
  })

  it('takes a code once, and not one that signed in', async () => {
    const { browser, codeAt } = await signedInBefore('once')
    await place.pass(60)
    const code = codeAt(place.now())
    expect((await confirm(browser, { code })).status).toBe(303)
    const page = await confirm(browser, { code })
    expect([page.status, page.text.includes('That code was used already')]).toEqual([403, true])
  })

  it('takes a recovery code instead', async () => {
    const { id, browser, recoveryCodes } = await signedInBefore('by-recovery')
    const [code = ''] = recoveryCodes
    expect((await browser.get('/confirm?way=recovery')).text).toContain('Recovery code')
    expect((await confirm(browser, { code, way: 'recovery' })).status).toBe(303)
    expect((await place.store.users.factors(id)).recoveryCodesLeft).toBe(9)
    expect((await confirm(browser, { code, way: 'recovery' })).status).toBe(403)
  })

  it('of 50 at once with one code exactly one is right', async () => {
    const { browser, codeAt } = await signedInBefore('confirm-race')
    await place.pass(60)
    const form = formOf(await browser.get('/confirm'))
    const fields = { form, password, code: codeAt(place.now()) }
    const pages = await Promise.all(
      Array.from({ length: 50 }, () => browser.copy().post('/confirm', fields)),
    )
    expect(pages.filter(({ status }) => status === 303)).toHaveLength(1)
  })
})
