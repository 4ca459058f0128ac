import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { formBelow } from './account-forms.ts'
import { openBrowser, type Browser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

const context = { requestId: 't', address: null, actor: 'operator' } as const

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

async function signedIn(name: string): Promise<Browser> {
  const browser = openBrowser(node.origin)
  expect((await browser.signIn(name)).status).toBe(303)
  return browser
}

async function send(browser: Browser, page: string, path: string, fields = {}) {
  return browser.post(path, { form: formBelow((await browser.get(page)).text), ...fields })
}

const find = (id: UserId) => place.store.users.find(id)
const isSignedIn = async (browser: Browser) =>
  (await browser.copy().get('/session/check')).status === 204

describe('the profile', () => {
  it('shows what is known, and changes the name alone', async () => {
    const id = await place.addUser('profile')
    await place.store.users.setProfile(id, { locale: 'de', name: 'Wren' }, context)
    const browser = await signedIn('profile')
    const { text } = await browser.get('/account/data')
    expect([text.includes('value="Wren"'), text.includes('<bdi>de</bdi>')]).toEqual([true, true])
    const saved = await send(browser, '/account/data', '/account/data/name', { name: ' Wren Ash ' })
    expect([saved.status, saved.location]).toEqual([303, '/account/data?lang=en&saved=name'])
    expect((await find(id))?.profile).toEqual({ locale: 'de', name: 'Wren Ash' })
    await send(browser, '/account/data', '/account/data/name', { name: '' })
    expect((await find(id))?.profile).toEqual({ locale: 'de' })
  })

  it.each([
    ['two lines', 'a\nb'],
    ['257 letters', 'x'.repeat(257)],
  ])('refuses a name of %s', async (what, name) => {
    const id = await place.addUser(`name-${what.length}`)
    const browser = await signedIn(`name-${what.length}`)
    const page = await send(browser, '/account/data', '/account/data/name', { name })
    expect(page.status).toBe(400)
    expect((await find(id))?.profile).toEqual({})
  })

  it('takes no other claim from the form', async () => {
    const id = await place.addUser('extra')
    const browser = await signedIn('extra')
    const fields = { name: 'Wren', email_verified: 'true', locale: 'fr', status: 'active' }
    await send(browser, '/account/data', '/account/data/name', fields)
    expect((await find(id))?.profile).toEqual({ name: 'Wren' })
  })
})

describe('the copy', () => {
  it('is a file with all rows about the person and no secret, and leaves an event', async () => {
    const id = await place.addUser(['Copy', 'copy@example.org'])
    const browser = await signedIn('copy')
    const page = await browser.get('/account/data/export')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-disposition')).toBe('attachment; filename="account.json"')
    expect(page.headers.get('cache-control')).toBe('no-store')
    const copy = JSON.parse(page.text)
    expect(copy).toMatchObject({
      issuer: node.issuer,
      users: [{ id, status: 'active', profile: {} }],
      user_names: [{ shown: 'Copy' }, { shown: 'copy@example.org' }],
      user_access: [{ scopes: ['read'], roles: ['editor'] }],
      sessions: [{ acr: '1', amr: ['pwd'] }],
    })
    expect(copy.audit).toContainEqual(expect.objectContaining({ event: 'user_added', userId: id }))
    const record = await place.store.users.findPassword(id)
    for (const secret of [
      record?.hash ?? '',
      browser.jar.get('cs-r') ?? '',
      browser.jar.get('cs-b') ?? '',
    ])
      expect(page.text).not.toContain(secret)
    const events = (await place.store.audit.list(0, 10_000)).map(({ event }) => event)
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'user_exported', userId: id, actor: `user:${id}` }),
    )
  })

  it('needs a fresh proof', async () => {
    await place.addUser('copy-later')
    const browser = await signedIn('copy-later')
    await place.pass(16 * 60)
    const page = await browser.get('/account/data/export')
    expect([page.status, page.location?.startsWith('/confirm?why=export')]).toEqual([303, true])
  })
})

describe('a deletion', () => {
  it('waits for seven days, is shown on each page, and can be revoked after a sign-in', async () => {
    const id = await place.addUser('waiting')
    const browser = await signedIn('waiting')
    const page = await send(browser, '/account/data/delete', '/account/data/delete')
    expect([page.status, page.location]).toEqual([303, '/account/data/deletion?lang=en'])
    const eraseAt = (await find(id))?.eraseAt ?? 0
    expect(Math.abs(eraseAt - place.now() - 7 * 86_400)).toBeLessThan(10)
    await browser.signOut()
    const again = openBrowser(node.origin)
    expect((await again.signIn('waiting')).status).toBe(303)
    for (const path of ['/account/security', '/account/devices', '/account/data'])
      expect((await again.get(path)).text).toContain('This account will be deleted on')
    const kept = await send(again, '/account/data/deletion', '/account/data/keep')
    expect([kept.status, kept.location]).toEqual([303, '/account/data?lang=en'])
    expect((await find(id))?.eraseAt).toBeUndefined()
    expect((await again.get('/account/security')).text).not.toContain('will be deleted')
    expect((await again.get('/account/data/deletion')).location).toBe('/account/data?lang=en')
  })

  it('at once needs the tick; then the account, its sessions and its cookies are gone', async () => {
    const id = await place.addUser('at-once')
    const [there, here] = [await signedIn('at-once'), await signedIn('at-once')]
    const path = '/account/data/delete'
    const unsure = await send(here, path, path, { when: 'now' })
    expect([unsure.status, unsure.text.includes('The account is still there')]).toEqual([400, true])
    expect(await find(id)).toBeDefined()
    const page = await send(here, path, path, { when: 'now', sure: 'yes' })
    expect([page.status, page.text.includes('Your account is deleted')]).toEqual([200, true])
    expect([...here.jar.keys()]).toEqual([])
    expect(page.headers.get('clear-site-data')).toBe('"cache"')
    expect(await find(id)).toBeUndefined()
    expect(await isSignedIn(there)).toBe(false)
    expect((await openBrowser(node.origin).signIn('at-once')).status).toBe(403)
    const taken = await place.addUser('at-once').then(
      () => 'created',
      (fault: Error) => fault.message,
    )
    expect(taken).toBe('name_taken')
  })

  it('is written to the proven address, and its link keeps the account', async () => {
    const address = 'mailed@example.org'
    const id = await place.addUser(['mailed', address], { isVerified: true })
    const browser = await signedIn('mailed')
    await send(browser, '/account/data/delete', '/account/data/delete')
    const { link } = await place.mailTo(address)
    expect(link.startsWith('/account/keep?ticket=')).toBe(true)
    const ticket = new URL(link, node.origin).searchParams.get('ticket') ?? ''
    const other = openBrowser(node.origin)
    expect((await other.get(link)).text).toContain('Keep your account?')
    expect((await find(id))?.eraseAt).toBeDefined()
    expect((await other.post('/account/keep', { ticket })).status).toBe(200)
    expect((await find(id))?.eraseAt).toBeUndefined()
    expect(place.logged()).not.toContain(ticket)
  })

  it('is the first thing that a later sign-in shows, with the way on', async () => {
    await place.addUser('told')
    const browser = await signedIn('told')
    await send(browser, '/account/data/delete', '/account/data/delete')
    const later = openBrowser(node.origin)
    const page = await later.signIn('told', { return_to: '/orders' })
    expect(page.location).toBe('/account/data/deletion?lang=en&return_to=%2Forders')
    expect((await later.get(page.location ?? '')).text).toContain('href="/orders"')
  })

  it('is revoked by the link of the mail with one press, in any browser, once', async () => {
    const id = await place.addUser('by-link')
    const browser = await signedIn('by-link')
    await browser.get('/account/security')
    const secret = 'a'.repeat(43)
    const { createHash } = await import('node:crypto')
    const linkHash = createHash('sha256').update(secret).digest('base64url')
    const [session] = await place.store.sessions.list(id, 1)
    const actor = { userId: id, sid: session?.family.sid ?? '' }
    const request = { linkHash, waitSeconds: 600 }
    await place.store.account.requestErasure(actor, request, [], context)
    const other = openBrowser(node.origin)
    const opened = await other.get(`/account/keep?ticket=${secret}`)
    expect([opened.status, opened.headers.get('referrer-policy')]).toEqual([200, 'no-referrer'])
    expect((await find(id))?.eraseAt).toBeDefined()
    const foreign = { 'sec-fetch-site': 'cross-site' }
    expect((await other.post('/account/keep', { ticket: secret }, foreign)).status).toBe(403)
    const statuses: number[] = []
    for (const ticket of ['b'.repeat(43), 'short', secret, secret])
      statuses.push((await other.post('/account/keep', { ticket })).status)
    expect(statuses).toEqual([410, 410, 200, 410])
    expect((await find(id))?.eraseAt).toBeUndefined()
  })

  it('is done by the housekeeping of any node once its day has come, after days offline too', async () => {
    const [one, other] = [await place.addUser('due-one'), await place.addUser('due-other')]
    for (const name of ['due-one', 'due-other']) {
      const browser = await signedIn(name)
      await send(browser, '/account/data/delete', '/account/data/delete')
    }
    const second = await place.startNode()
    await place.pass(30 * 86_400)
    await expect
      .poll(async () => [await find(one), await find(other)], { timeout: 20_000, interval: 100 })
      .toEqual([undefined, undefined])
    const erased = (await place.store.audit.list(0, 10_000))
      .map(({ event }) => event)
      .filter(
        (event) => event.event === 'user_erased' && [one, other].includes(event.userId as UserId),
      )
    expect(erased.map(({ actor }) => actor)).toEqual(['system', 'system'])
    await second.stop()
  }, 30_000)
})

it('the password of this file is in no log', () => {
  expect(place.logged()).not.toContain(password)
})
