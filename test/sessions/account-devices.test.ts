import { createGuard } from '@countersign/guard'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { formBelow } from './account-forms.ts'
import { formOf, openBrowser, type Browser } from './browser.ts'
import { audience, openPlace, type Node, type Place } from './place.ts'

const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) Safari/604.1'
const path = '/account/devices'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

async function signedIn(name: string, agent = 'Firefox/143.0 Linux'): Promise<Browser> {
  const browser = openBrowser(node.origin)
  const form = formOf(await browser.get('/sign-in'))
  const fields = { form, username: name, password: 'four ordinary words here' }
  const page = await browser.post('/sign-in', fields, { 'user-agent': agent })
  expect(page.status).toBe(303)
  return browser
}

/** The ids of the sessions that a page offers to end. */
function offered(text: string): readonly string[] {
  return [...text.matchAll(/name="session" value="([^"]*)"/gu)].map(([, sid = '']) => sid)
}

const isSignedIn = async (browser: Browser) =>
  (await browser.copy().get('/session/check')).status === 204

describe('the list of devices', () => {
  it('shows this one first and marked, and offers to end the others', async () => {
    await place.addUser('list')
    await signedIn('list', iPhone)
    const here = await signedIn('list')
    const { text } = await here.get(path)
    expect(text.indexOf('Firefox on Linux')).toBeLessThan(text.indexOf('Safari on iPhone'))
    expect([text.includes('This device'), offered(text).length]).toEqual([true, 1])
  })

  it('shows no session of another person', async () => {
    await place.addUser('lonely')
    const here = await signedIn('lonely')
    expect((await here.get(path)).text).toContain('You are signed in on this device only.')
  })

  it.each([
    ['?ended=Safari+on+iPhone', 'Safari on iPhone is signed out', true],
    ['?ended=Your+bank+account', 'Your bank account', false],
    ['?others=2', '2 other devices were signed out', true],
    ['?others=1e9', 'other devices were signed out', false],
  ])('after %s the text %j is shown: %j', async (query, text, isShown) => {
    const here = await signedIn('lonely')
    const shown = (await here.get(path + query)).text.replaceAll(/<[^>]*>/gu, '')
    expect(shown.includes(text)).toBe(isShown)
  })
})

describe('ending one device', () => {
  it('signs it out at once, leaves this one, and says which', async () => {
    await place.addUser('one')
    const [there, here] = [await signedIn('one', iPhone), await signedIn('one')]
    const { text } = await here.get(path)
    const [session = ''] = offered(text)
    const page = await here.post(`${path}/end`, { form: formBelow(text), session })
    expect([page.status, page.location]).toEqual([303, `${path}?lang=en&ended=Safari+on+iPhone`])
    expect([await isSignedIn(there), await isSignedIn(here)]).toEqual([false, true])
    const gone = await there.get('/account/security')
    expect([gone.status, gone.location?.startsWith('/sign-in?')]).toEqual([303, true])
  })

  it('is 404 for the session of another person, which goes on', async () => {
    await place.addUser('thief')
    await place.addUser('owner')
    const [owner, thief] = [await signedIn('owner'), await signedIn('thief')]
    await signedIn('owner')
    await signedIn('thief')
    const [session = ''] = offered((await owner.get(path)).text)
    const form = formBelow((await thief.get(path)).text)
    for (const one of [session, 'unknown', '']) {
      const page = await thief.post(`${path}/end`, { form, session: one })
      expect(page.status).toBe(404)
    }
    expect(offered((await owner.get(path)).text)).toEqual([session])
  })

  it('leads a session that was ended meanwhile to the sign-in, and ends nothing', async () => {
    await place.addUser('late')
    const [here, other] = [await signedIn('late'), await signedIn('late')]
    const { text } = await here.get(path)
    const [session = ''] = offered(text)
    const stale = here.copy()
    await here.signOut()
    const page = await stale.post(`${path}/end`, { form: formBelow(text), session })
    expect([page.status, page.location?.startsWith('/sign-in?')]).toEqual([303, true])
    expect(await isSignedIn(other)).toBe(true)
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['no origin', { 'sec-fetch-site': '', origin: 'null' }],
  ])('is 403 for a form from %s', async (_, headers) => {
    const here = await signedIn('one')
    const other = await signedIn('one')
    const { text } = await here.get(path)
    const form = formBelow(text)
    for (const [to, fields] of [
      [`${path}/end`, { form, session: offered(text)[0] ?? '' }],
      [`${path}/end-others`, { form }],
    ] as const)
      expect((await here.post(to, fields, headers)).status).toBe(403)
    expect(await isSignedIn(other)).toBe(true)
  })

  it.each([
    ['no value', () => ''],
    [
      'the value of another session',
      async () => formBelow((await (await signedIn('one')).get(path)).text),
    ],
    [
      'the value of the sign-out',
      async () => formOf(await (await signedIn('one')).get('/sign-out')),
    ],
  ])('with %s ends nothing, and shows the list again', async (_, make) => {
    const here = await signedIn('one')
    const other = await signedIn('one')
    const form = await make()
    const [session = ''] = offered((await here.get(path)).text)
    const page = await here.post(`${path}/end`, { form, session })
    expect([page.status, page.location]).toEqual([303, `${path}?lang=en`])
    expect(await isSignedIn(other)).toBe(true)
  })
})

describe('ending all others', () => {
  it('asks, ends them, and says how many', async () => {
    await place.addUser('many')
    const others = [await signedIn('many'), await signedIn('many', iPhone)]
    const here = await signedIn('many')
    const { text } = await here.get(`${path}/end-others`)
    expect(text).toContain('Sign out of 2 other devices?')
    const page = await here.post(`${path}/end-others`, { form: formBelow(text) })
    expect(page.location).toBe(`${path}?lang=en&others=2`)
    for (const other of others) expect(await isSignedIn(other)).toBe(false)
    expect(await isSignedIn(here)).toBe(true)
    const again = await here.get(`${path}/end-others`)
    expect([again.status, again.location]).toEqual([303, `${path}?lang=en`])
  })

  it('makes a guard of an application refuse their tokens within a second', async () => {
    await place.addUser('guarded')
    const [there, here] = [await signedIn('guarded', iPhone), await signedIn('guarded')]
    const guard = createGuard({
      issuer: node.issuer,
      audience,
      credentials: { cookie: 'cs' },
      decryptionKeys: { clientId: 'orders-api', clientSecret: place.apiSecret },
    })
    onTestFinished(() => guard.close())
    await guard.ready()
    const admits = async (browser: Browser) => {
      const headers = { cookie: `cs=${browser.jar.get('cs')}` }
      return (await guard.check(new Request('http://localhost/', { headers }))).ok
    }
    expect([await admits(there), await admits(here)]).toEqual([true, true])
    const { text } = await here.get(`${path}/end-others`)
    await here.post(`${path}/end-others`, { form: formBelow(text) })
    await vi.waitFor(async () => expect(await admits(there)).toBe(false), {
      timeout: 1_000,
      interval: 10,
    })
    expect(await admits(here)).toBe(true)
  })
})
