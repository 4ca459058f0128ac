import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, type Browser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'
import { formBelow } from './account-forms.ts'

const path = '/account/security/password'
const next = 'entirely other words here'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

async function signedIn(name: string, fields = {}): Promise<Browser> {
  const browser = openBrowser(node.origin)
  expect((await browser.signIn(name, fields)).status).toBe(303)
  return browser
}

async function change(browser: Browser, fields: Readonly<Record<string, string>>) {
  const form = formBelow((await browser.get(path)).text)
  return browser.post(path, { form, ...fields })
}

const isSignedIn = async (browser: Browser) =>
  (await browser.copy().get('/session/check')).status === 204

describe('the form of the password', () => {
  it('has the fields that password managers know', async () => {
    await place.addUser(['Fields', 'fields@example.org'])
    const { text } = await (await signedIn('fields')).get(path)
    const form = text.replaceAll(/\s+/gu, ' ')
    expect(form).toContain('name="username" value="Fields" autocomplete="username" readonly')
    expect(form).toContain('autocomplete="current-password"')
    expect(form).toContain('autocomplete="new-password" minlength="15"')
  })

  it('opens without a new proof for a person whose password is the only factor', async () => {
    await place.addUser('old-proof')
    const browser = await signedIn('old-proof')
    await place.pass(3_000)
    expect((await browser.get(path)).status).toBe(200)
    const page = await change(browser, { current_password: password, new_password: next })
    expect([page.status, page.location]).toEqual([303, '/account/security?lang=en&changed=0'])
  })
})

describe('a changed password', () => {
  it('signs all other devices out, keeps this one with new cookies, and says how many', async () => {
    await place.addUser('ann')
    const others = [await signedIn('ann'), await signedIn('ann')]
    const here = await signedIn('ann')
    const before = here.jar.get('cs')
    const page = await change(here, { current_password: password, new_password: next })
    expect([page.status, page.location]).toEqual([303, '/account/security?lang=en&changed=2'])
    expect(here.jar.get('cs')).not.toBe(before)
    expect((await here.get(page.location ?? '')).text).toContain('2 other devices were signed out.')
    for (const other of others) expect(await isSignedIn(other)).toBe(false)
    expect(await isSignedIn(here)).toBe(true)
    const old = openBrowser(node.origin)
    expect((await old.signIn('ann')).status).toBe(403)
    expect((await old.signIn('ann', { password: next })).status).toBe(303)
  })

  it('is a fresh start for a password that had to change', async () => {
    const id = await place.addUser('must')
    const browser = await signedIn('must')
    const record = await place.store.users.findPassword(id)
    if (record === undefined) throw new Error('no password')
    expect(record.mustChange).toBe(false)
    const page = await change(browser, { current_password: password, new_password: next })
    expect(page.status).toBe(303)
    expect((await place.store.users.findPassword(id))?.hash).not.toBe(record.hash)
  })

  it.each([
    ['no current one', { new_password: next }, 400, 'Enter your password'],
    ['no new one', { current_password: password }, 400, 'Enter your password'],
    [
      'a wrong current one',
      { current_password: 'four wrong words here', new_password: next },
      403,
      'This is not your current password.',
    ],
    [
      'the same one',
      { current_password: password, new_password: password },
      400,
      'This is the old password.',
    ],
    [
      'a short one',
      { current_password: password, new_password: '4 words 2 few' },
      400,
      'Use 15 characters or more.',
    ],
    [
      'a common one',
      { current_password: password, new_password: 'passwordqwertyuiop' },
      400,
      'on lists of stolen ones',
    ],
    [
      'the own name',
      { current_password: password, new_password: 'bartholomew--countersign' },
      400,
      'Leave your name',
    ],
    [
      'one of 5 kB',
      { current_password: password, new_password: 'x y'.repeat(2_000) },
      400,
      'no keyboard sends',
    ],
  ])('is refused with %s, and nothing changes', async (what, fields, status, text) => {
    const name = `bartholomew-${what.replaceAll(' ', '-')}`
    const id = await place.addUser(name)
    const other = await signedIn(name)
    const here = await signedIn(name)
    const before = await place.store.users.findPassword(id)
    const page = await change(here, fields)
    expect(page.status).toBe(status)
    expect(page.text.replaceAll(/<[^>]*>/gu, '')).toContain(text)
    for (const typed of Object.values(fields)) expect(page.text).not.toContain(typed)
    expect(await place.store.users.findPassword(id)).toEqual(before)
    for (const browser of [other, here]) expect(await isSignedIn(browser)).toBe(true)
  })

  it('counts wrong current passwords as the sign-in does', async () => {
    await place.addUser('guessed')
    const browser = await signedIn('guessed')
    browser.jar.delete('cs-d')
    const statuses: number[] = []
    for (let at = 0; at < 11; at += 1) {
      const typed = { current_password: `four wrong words ${at}`, new_password: next }
      statuses.push((await change(browser, typed)).status)
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 403), 429])
  })

  it('by a session that was ended meanwhile changes nothing', async () => {
    const id = await place.addUser('late')
    const here = await signedIn('late')
    const form = formBelow((await here.get(path)).text)
    const stale = here.copy()
    await here.signOut()
    const before = await place.store.users.findPassword(id)
    const fields = { form, current_password: password, new_password: next }
    const page = await stale.post(path, fields)
    expect([page.status, page.location?.startsWith('/sign-in?')]).toEqual([303, true])
    expect(await place.store.users.findPassword(id)).toEqual(before)
  })
})

it('no typed password is in the log or the audit log', async () => {
  const rows = (await place.store.audit.list(0, 10_000)).map(({ body }) => body).join('\n')
  for (const text of [password, next, 'four wrong words'])
    expect([place.logged().includes(text), rows.includes(text)]).toEqual([false, false])
})
