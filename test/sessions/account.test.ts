import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formBelow } from './account-forms.ts'
import { formOf, openBrowser } from './browser.ts'
import { openPlace, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)

/** All pages of the account. */
const pagePaths = [
  '/account/security',
  '/account/security/password',
  '/account/devices',
  '/account/devices/end-others',
  '/account/apps',
  '/account/data',
  '/account/data/delete',
]

describe('the account', () => {
  it('begins with the security page, in the language of the browser', async () => {
    const page = await fresh().get('/account', { 'accept-language': 'de' })
    expect([page.status, page.location]).toEqual([303, '/account/security?lang=de'])
  })

  it.each(pagePaths)(
    '%s leads a browser without a session to the sign-in and back',
    async (path) => {
      const page = await fresh().get(path)
      const returnTo = encodeURIComponent(path)
      expect([page.status, page.location]).toEqual([303, `/sign-in?return_to=${returnTo}`])
    },
  )

  it.each(pagePaths)('%s shows who is signed in', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    const page = await browser.get(path)
    expect([page.status, page.text.includes('<bdi>ann</bdi>')]).toEqual([200, true])
  })

  it.each(pagePaths)('%s opens nothing for a session that was ended elsewhere', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    const stale = browser.copy()
    await browser.signOut()
    const page = await stale.get(path)
    expect([page.status, page.location?.startsWith('/sign-in?')]).toEqual([303, true])
    expect((await stale.get(page.location ?? '')).text).toContain('You were signed out')
    expect(stale.jar.has('cs-r')).toBe(false)
  })

  it.each(pagePaths)('%s renews the cookies of a session where they are due', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    await place.pass(400)
    expect((await browser.get(path)).cookies).toEqual(['cs', 'cs-r'])
  })
})

it('the security page says when a change would ask for a new proof', async () => {
  const browser = fresh()
  await browser.signIn('ann')
  const says = async () =>
    (await browser.get('/account/security')).text.includes('Confirm that it is you before')
  expect(await says()).toBe(false)
  await place.pass(16 * 60)
  expect(await says()).toBe(true)
})

/** All forms of the account, each with the page to which a new proof returns. */
const forms: readonly (readonly [string, string, string])[] = [
  ['/account/security/password', 'password', '/account/security/password'],
  ['/account/data/name', '', '/account/data'],
  ['/account/data/delete', 'delete', '/account/data/delete'],
  ['/account/data/keep', '', '/account/data/deletion'],
  ['/account/devices/end', 'sessions', '/account/devices'],
  ['/account/devices/end-others', 'sessions', '/account/devices'],
]

describe('a form of the account', () => {
  // The form of the password asks for it, which is the proof of a person without a second factor.
  const proving = forms.filter(([path, why]) => why !== '' && !path.endsWith('/password'))

  it.each(proving)('%s asks for a new proof after 15 minutes', async (path, why, page) => {
    const browser = fresh()
    await browser.signIn('ann')
    await place.pass(16 * 60)
    const reply = await browser.post(path, { form: 'any' })
    const returnTo = encodeURIComponent(`${page}?lang=en`)
    expect([reply.status, reply.location]).toEqual([
      303,
      `/confirm?why=${why}&return_to=${returnTo}`,
    ])
  })

  it.each(forms)('%s leads a browser without a session to the sign-in', async (path, _, page) => {
    const reply = await fresh().post(path, { form: 'any' })
    const returnTo = encodeURIComponent(`${page}?lang=en`)
    expect([reply.status, reply.location]).toEqual([303, `/sign-in?return_to=${returnTo}`])
  })

  it.each(forms)('%s is nothing for a session that was ended elsewhere', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    const stale = browser.copy()
    await browser.signOut()
    const reply = await stale.post(path, { form: 'any' })
    expect([reply.status, reply.location?.startsWith('/sign-in?')]).toEqual([303, true])
  })

  it.each(forms)('%s is 403 for a form of another site', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect((await browser.post(path, { form: 'any' }, headers)).status).toBe(403)
  })

  it.each(forms)('%s without its value leads to its page', async (path, _, page) => {
    const browser = fresh()
    await browser.signIn('ann')
    const signOut = formOf(await browser.get('/sign-out'))
    for (const form of ['', signOut]) {
      const reply = await browser.post(path, { form })
      expect([reply.status, reply.location]).toEqual([303, `${page}?lang=en`])
    }
  })
})

describe('a session of one factor, of a person with two', () => {
  it.each([...pagePaths, '/account/data/export'])(
    'opens no page: %s asks for the second one',
    async (path) => {
      const name = `page${path.replaceAll('/', '-')}`
      const id = await place.addUser(name)
      const browser = fresh()
      await browser.signIn(name)
      await place.enrol(id)
      const page = await browser.get(path)
      expect([page.status, page.location?.startsWith('/confirm?why=')]).toEqual([303, true])
    },
  )

  it.each(forms)('sends no form: %s asks for the second one', async (path) => {
    const name = `form${path.replaceAll('/', '-')}`
    const id = await place.addUser(name)
    const browser = fresh()
    await browser.signIn(name)
    const form = formBelow((await browser.get('/account/data')).text)
    await place.enrol(id)
    const before = await place.store.users.find(id)
    const fields = { form, when: 'now', sure: 'yes', name: 'Other', session: 'x' }
    const reply = await browser.post(path, fields)
    expect([reply.status, reply.location?.startsWith('/confirm?why=')]).toEqual([303, true])
    expect(await place.store.users.find(id)).toEqual(before)
  })
})
