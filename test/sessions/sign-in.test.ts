import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, openBrowser, type Browser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser(['Ann', 'ann@example.org'])
  await place.addUser('bob')
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)

describe('sign-in', () => {
  it('gives four cookies that no script reads, and goes to the return target', async () => {
    const browser = fresh()
    const page = await browser.signIn('ann', { return_to: '/orders?page=2' })
    expect([page.status, page.location]).toEqual([303, '/orders?page=2'])
    expect(page.cookies).toEqual(['cs', 'cs-r', 'cs-b', 'cs-d'])
    for (const cookie of page.setCookies) {
      expect(cookie).toContain('; Path=/; HttpOnly; SameSite=Lax')
      expect(cookie).not.toContain('Domain')
    }
    // Without "keep me signed in" the session ends with the browser's own.
    for (const cookie of page.setCookies.slice(0, 3)) expect(cookie).not.toContain('Max-Age')
    expect(browser.jar.get('cs')?.split('.')).toHaveLength(5)
  })

  it('keeps the session for 30 days where that is asked for', async () => {
    const page = await fresh().signIn('ann', { keep: 'yes' })
    const ages = page.setCookies.map((cookie) => Number(cookie.split('Max-Age=')[1]))
    expect(ages[0]).toBeLessThanOrEqual(600)
    for (const age of ages.slice(1, 3)) expect(Math.abs(age - 30 * 86_400)).toBeLessThan(3)
  })

  it('opens a new session with a new id each time, and ends the one before', async () => {
    const browser = fresh()
    await browser.signIn('ann')
    const before = browser.copy()
    const form = formOf(await before.get('/sign-out'))
    await browser.post('/sign-out', { form })
    await browser.signIn('bob')
    expect((await before.get('/session/check')).status).toBe(401)
    const again = browser.copy()
    const page = await again.get('/sign-in')
    expect(page.text).toContain('bob')
  })

  it.each([
    ['//evil.example', '/account'],
    ['/\\evil.example', '/account'],
    ['https://evil.example/', '/account'],
    ['/.//evil.example', '/account'],
    ['javascript:alert(1)', '/account'],
    ['orders', '/account'],
    ['', '/account'],
    ['/a/../b?c=d#e', '/b?c=d#e'],
  ])('returns to %j as %j', async (target, place) => {
    const browser = fresh()
    const page = await browser.get(`/sign-in?return_to=${encodeURIComponent(target)}`)
    const sent = { form: formOf(page), username: 'ann', password, return_to: target }
    expect((await browser.post('/sign-in', sent)).location).toBe(place)
  })
})

describe('a refused sign-in', () => {
  beforeAll(async () => {
    const gone = await place.addUser('gone')
    await place.store.users.disable(gone, { requestId: 't', address: null, actor: 'operator' })
  })

  it.each([
    ['a wrong password', { username: 'ann', password: 'four other words here' }],
    ['an unknown name', { username: 'nobody', password }],
    ['a disabled user', { username: 'gone', password }],
    ['a text that is no name', { username: 'a b', password }],
    ['a password of 5 kB', { username: 'ann', password: 'x'.repeat(5_000) }],
  ])('by %s has one answer, and no cookie of a session', async (_, fields) => {
    const browser = fresh()
    const form = formOf(await browser.get('/sign-in'))
    const page = await browser.post('/sign-in', { form, ...fields })
    const shown = page.text.replaceAll(fields.username, 'NAME').replaceAll(form, 'FORM')
    const other = fresh()
    const otherForm = formOf(await other.get('/sign-in'))
    const known = await other.post('/sign-in', { form: otherForm, username: 'NAME', password })
    expect(page.status).toBe(403)
    expect(shown).toBe(known.text.replaceAll(otherForm, 'FORM'))
    expect([...page.headers.keys()]).toEqual([...known.headers.keys()])
    expect(page.cookies).toEqual([])
    expect(page.text).not.toContain(fields.password)
  })

  it('by empty fields names them, and keeps the name', async () => {
    const browser = fresh()
    const form = formOf(await browser.get('/sign-in'))
    const page = await browser.post('/sign-in', { form, username: 'ann', password: '' })
    expect([page.status, page.text.includes('value="ann"')]).toEqual([400, true])
  })

  it.each([
    ['NUL in the name', 'username=a%00&password=b'],
    ['half a surrogate pair', 'username=%ED%A0%80&password=b'],
    ['a name twice', 'username=a&username=b&password=c'],
    ['bytes that are no form', '\u00e9'],
  ])('by %s is 400', async (_, rest) => {
    const browser = fresh()
    const form = formOf(await browser.get('/sign-in'))
    const cookie = `cs-b=${browser.jar.get('cs-b')}`
    const reply = await fetch(`${node.origin}/sign-in`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        cookie,
      },
      body: `form=${form}&${rest}`,
    })
    expect(reply.status).toBe(400)
  })
})

describe('forms of others', () => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['another origin, by an old browser', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['no origin', { 'sec-fetch-site': '', origin: 'null' }],
    ['a program without both headers', { 'sec-fetch-site': '' }],
  ])('sign-in and sign-out refuse a form from %s', async (_, headers) => {
    const browser = fresh()
    const form = formOf(await browser.get('/sign-in'))
    const fields = { form, username: 'ann', password }
    const refused = await browser.post('/sign-in', fields, headers)
    expect([refused.status, browser.jar.has('cs-r')]).toEqual([403, false])
    await browser.signIn('ann')
    const signOut = formOf(await browser.get('/sign-out'))
    expect((await browser.post('/sign-out', { form: signOut }, headers)).status).toBe(403)
    expect((await browser.post('/session/renew', {}, headers)).status).toBe(403)
    expect((await browser.get('/session/check')).status).toBe(204)
  })

  it('an old browser that names the own origin may', async () => {
    const browser = fresh()
    const form = formOf(await browser.get('/sign-in'))
    const fields = { form, username: 'ann', password }
    const reply = await browser.post('/sign-in', fields, {
      'sec-fetch-site': '',
      origin: node.origin,
    })
    expect(reply.status).toBe(303)
  })

  it.each([
    ['no value', () => ''],
    ['an invented value', () => 'x'.repeat(43)],
    ['the value of another browser', async () => formOf(await fresh().get('/sign-in'))],
  ])('sign-in with %s signs nobody in, and shows a form that works', async (_, make) => {
    const browser = fresh()
    await browser.get('/sign-in')
    const fields = { form: await make(), username: 'ann', password }
    const page = await browser.post('/sign-in', fields)
    expect([page.status, browser.jar.has('cs-r')]).toEqual([400, false])
    const again = await browser.post('/sign-in', { ...fields, form: formOf(page) })
    expect(again.status).toBe(303)
  })

  it('sign-out with the value of another session asks again, and ends nothing', async () => {
    const [one, other] = [fresh(), fresh()]
    await one.signIn('ann')
    await other.signIn('bob')
    const form = formOf(await other.get('/sign-out'))
    expect((await one.post('/sign-out', { form })).status).toBe(200)
    for (const browser of [one, other])
      expect((await browser.get('/session/check')).status).toBe(204)
  })

  it('the session secret of one browser is nothing with the browser cookie of another', async () => {
    const [one, other] = [fresh(), fresh()]
    await one.signIn('ann')
    await other.signIn('bob')
    const thief = other.copy()
    thief.jar.set('cs-r', one.jar.get('cs-r') ?? '')
    thief.jar.set('cs', one.jar.get('cs') ?? '')
    expect((await thief.get('/session/check')).status).toBe(401)
    expect((await thief.get('/sign-in')).text).not.toContain('Ann')
    // The session itself goes on where it belongs.
    expect((await one.get('/session/check')).status).toBe(204)
  })

  it('the access cookie alone is no session here', async () => {
    const browser = fresh()
    await browser.signIn('ann')
    browser.jar.delete('cs-r')
    expect((await browser.get('/session/check')).status).toBe(401)
  })

  it('a cookie that comes twice is none', async () => {
    const browser = fresh()
    await browser.signIn('ann')
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const twice = `${cookie}; cs-r=${browser.jar.get('cs-r')}`
    const reply = await fetch(`${node.origin}/session/check`, { headers: { cookie: twice } })
    expect(reply.status).toBe(401)
  })
})

describe('tabs', () => {
  it('five tabs wait for 35 minutes; one signs in, and the others land signed in on their own page', async () => {
    const browser = fresh()
    const forms: string[] = []
    for (let tab = 0; tab < 5; tab += 1)
      forms.push(formOf(await browser.get(`/sign-in?return_to=/tab-${tab}`)))
    await place.pass(35 * 60)
    const send = (tab: number) =>
      browser.post('/sign-in', {
        form: forms[tab] ?? '',
        username: 'ann',
        password,
        return_to: `/tab-${tab}`,
      })
    expect((await send(0)).location).toBe('/tab-0')
    for (let tab = 1; tab < 5; tab += 1) {
      const page = await send(tab)
      expect([page.status, page.text.includes(`href="/tab-${tab}"`)]).toEqual([200, true])
    }
    expect((await browser.get('/sign-in?return_to=/tab-9')).text).toContain('href="/tab-9"')
  })
})

describe('sign-out', () => {
  it('ends the session, deletes cookies and cache, and the old cookies are signed out everywhere', async () => {
    const browser = fresh()
    await browser.signIn('ann')
    const [old, other, asleep] = [browser.copy(), browser.copy(), browser.copy()]
    const page = await browser.signOut()
    expect(page.status).toBe(303)
    expect(page.headers.get('clear-site-data')).toBe('"cache"')
    expect([...browser.jar.keys()]).toEqual(['cs-d'])
    expect((await browser.get('/sign-out')).text).toContain('You are signed out')
    expect((await old.get('/session/check')).status).toBe(401)
    expect((await other.post('/session/renew', {})).status).toBe(401)
    const shown = await asleep.get('/sign-in')
    expect([shown.status, shown.text.includes('You were signed out')]).toEqual([200, true])
  })

  it('switches the account and keeps the return target', async () => {
    const browser = fresh()
    await browser.signIn('ann')
    await place.pass(3)
    const form = formOf(await browser.get('/sign-in?return_to=/orders'))
    const next = new Map(Object.entries({ form, return_to: '/orders' })).set('then', 'sign-in')
    const page = await browser.post('/sign-out', Object.fromEntries(next))
    expect(page.location).toBe('/sign-in?lang=en&return_to=%2Forders')
  })
})

describe('limits', () => {
  const wrongTries = async (browser: Browser, username: string, count: number) => {
    const statuses: number[] = []
    for (let at = 0; at < count; at += 1) {
      const page = await browser.signIn(username, { password: `four wrong words ${at}` })
      statuses.push(page.status)
    }
    return statuses
  }

  it('the eleventh wrong try is 429, and a browser in which the user signed in before still enters', async () => {
    await place.addUser('guessed')
    const known = fresh()
    await known.signIn('guessed')
    await known.signOut()
    expect(await wrongTries(fresh(), 'guessed', 11)).toEqual([
      ...Array.from({ length: 10 }, () => 403),
      429,
    ])
    expect((await fresh().signIn('guessed')).status).toBe(429)
    expect((await known.signIn('guessed')).status).toBe(303)
  })

  it('the mark of a known device is one of its user only', async () => {
    await place.addUser('marked')
    const browser = fresh()
    await browser.signIn('marked')
    await browser.signOut()
    const statuses = await wrongTries(browser, 'never-made', 11)
    expect(statuses.at(-1)).toBe(429)
  })
})

it('no password, secret, token or form value is in the log or the audit log', async () => {
  const browser = fresh()
  await browser.get('/sign-in?return_to=/orders')
  await browser.signIn('ann')
  await browser.post('/session/renew', {})
  const values = [...browser.jar.values(), password]
  await browser.signOut()
  const audited = JSON.stringify(await place.store.audit.list(0, 100_000))
  for (const value of values) {
    expect(place.logged()).not.toContain(value)
    expect(audited).not.toContain(value)
  }
})
