import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, openBrowser } from '../sessions/browser.ts'
import { openPlace, password, type Node, type Place } from '../sessions/place.ts'
import { isSignedIn, plainPage, secretsOf, shapeOf, signUp, typeCode } from './steps.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)

const statusOf = async (address: string) => {
  const facts = await place.store.users.findByName(address as never)
  return facts?.user.status
}

describe('sign-up', () => {
  it('leads to a code by mail, and the code in the same browser signs in at the return target', async () => {
    const browser = fresh()
    const asked = await signUp(browser, 'wren@example.org', { return_to: '/orders' })
    expect(asked.status).toBe(303)
    const at = asked.location ?? ''
    const page = await browser.get(at)
    expect(page.text).toContain('w…n@example.org')
    expect(await statusOf('wren@example.org')).toBe('unverified')
    const mail = await place.mailTo('wren@example.org')
    const done = await typeCode(browser, at, mail.code.toLowerCase().replace('-', ' '))
    expect([done.status, done.location]).toEqual([303, '/orders'])
    expect(await isSignedIn(browser)).toBe(true)
    expect(await statusOf('wren@example.org')).toBe('active')
  })

  it('one press on the link in the same browser signs in; opening it spends nothing', async () => {
    const browser = fresh()
    await signUp(browser, 'press@example.org')
    const { link } = await place.mailTo('press@example.org')
    // From a page of web mail, so the request names another site.
    const opened = await browser.get(link, { 'sec-fetch-site': 'cross-site' })
    expect([opened.status, opened.text.includes('press@example.org')]).toEqual([200, true])
    await browser.get(link)
    const pressed = await browser.post('/verify', { form: formOf(opened), ...secretsOf(link) })
    expect([pressed.status, await isSignedIn(browser)]).toEqual([303, true])
    const again = await browser.get(link)
    expect([again.status, again.text.includes('was used already')]).toEqual([410, true])
  })

  it('in another browser the link alone is nothing; with the code it asks for a password of its own', async () => {
    const [browser, other] = [fresh(), fresh()]
    await signUp(browser, 'phone@example.org', { new_password: 'the words of a stranger' })
    const { link, code } = await place.mailTo('phone@example.org')
    const opened = await other.get(link)
    expect(opened.text).toContain('Type the code from the mail')
    const pressed = await other.post('/verify', { form: formOf(opened), ...secretsOf(link) })
    expect([pressed.status, await isSignedIn(other)]).toEqual([400, false])
    const typed = await typeCode(other, link, code)
    expect(typed.location).toContain('/new-password?flow=')
    const chosen = await other.post('/new-password', {
      form: formOf(await other.get(typed.location ?? '')),
      ...secretsOf(typed.location ?? ''),
      new_password: password,
    })
    expect([chosen.status, await isSignedIn(other)]).toEqual([303, true])
    const planted = { password: 'the words of a stranger' }
    expect((await browser.signIn('phone@example.org', planted)).status).toBe(403)
    expect((await browser.signIn('phone@example.org')).status).toBe(303)
  })

  it('answers a taken address as a free one, and the mail says that there is an account', async () => {
    await place.addUser('owner@example.org', { isVerified: true })
    const [one, other] = [fresh(), fresh()]
    const [taken, free] = [
      await signUp(one, 'owner@example.org'),
      await signUp(other, 'other@example.org'),
    ]
    expect(shapeOf(taken)).toEqual(shapeOf(free))
    const pages = [await one.get(taken.location ?? ''), await other.get(free.location ?? '')]
    expect(plainPage(pages[0])).toBe(plainPage(pages[1]))
    const mail = await place.mailTo('owner@example.org')
    expect([mail.code, mail.text.includes('account')]).toEqual(['', true])
    const wrong = await typeCode(one, taken.location ?? '', '0000-0000')
    expect([wrong.status, wrong.text.includes('does not fit')]).toEqual([400, true])
    expect((await fresh().signIn('owner@example.org')).status).toBe(303)
  })

  it('an unverified account signs in to the page of the code, and to nothing else', async () => {
    const browser = fresh()
    await signUp(browser, 'late@example.org')
    await place.mailTo('late@example.org')
    const elsewhere = fresh()
    const page = await elsewhere.signIn('late@example.org', { return_to: '/orders' })
    expect(page.location).toContain('/verify?flow=')
    expect(page.cookies).toEqual([])
    expect(await isSignedIn(elsewhere)).toBe(false)
    const { code } = await place.mailTo('late@example.org')
    const done = await typeCode(elsewhere, page.location ?? '', code)
    expect([done.location, await isSignedIn(elsewhere)]).toEqual(['/orders', true])
  })

  it('drops the password, the links and the codes of whoever took the address first', async () => {
    const [thief, owner] = [fresh(), fresh()]
    const planted = 'the words of a stranger'
    const first = await signUp(thief, 'victim@example.org', { new_password: planted })
    const early = await place.mailTo('victim@example.org')
    const second = await signUp(owner, 'victim@example.org')
    const { code } = await place.mailTo('victim@example.org')
    await typeCode(owner, second.location ?? '', code)
    expect(await isSignedIn(owner)).toBe(true)
    expect((await thief.get(first.location ?? '')).status).toBe(410)
    expect((await thief.get(early.link)).status).toBe(410)
    expect((await thief.signIn('victim@example.org', { password: planted })).status).toBe(403)
    expect((await fresh().signIn('victim@example.org')).status).toBe(303)
  })

  const refused: readonly [string, Record<string, string>, string][] = [
    ['no address', { username: '' }, 'Enter an email address'],
    ['a user name', { username: 'wren' }, 'Enter an email address'],
    ['two addresses', { username: 'a@example.org,b@example.org' }, 'Enter an email address'],
    ['a quoted address', { username: '"a@x"@example.org' }, 'Enter an email address'],
    ['a short password', { new_password: 'short' }, 'Use <bdi>15</bdi> characters'],
    ['a repeated password', { new_password: 'passwordpassword' }, 'repeats itself'],
    ['a password of its own name', { new_password: 'refused example 2024' }, 'Leave your name'],
    ['no password', { new_password: '' }, 'Enter your password'],
  ]
  it.each(refused)('with %s says so, and makes nothing', async (_, over, shown) => {
    const page = await signUp(fresh(), 'refused@example.org', over)
    expect([page.status, page.text.includes(shown)]).toEqual([400, true])
    expect(page.text).not.toContain(password)
    expect(await statusOf(over['username'] ?? 'refused@example.org')).toBeUndefined()
  })

  it('ignores further fields', async () => {
    const browser = fresh()
    await signUp(browser, 'fields@example.org', {
      verified: 'yes',
      status: 'active',
      roles: 'admin',
    })
    expect(await statusOf('fields@example.org')).toBe('unverified')
    const facts = await place.store.users.findByName('fields@example.org' as never)
    expect(facts?.user.names[0]?.verifiedAt).toBeNull()
  })
})

describe('a code', () => {
  it('can be sent again after a minute, and ends the one before with its link', async () => {
    const browser = fresh()
    const at = (await signUp(browser, 'again@example.org')).location ?? ''
    const first = await place.mailTo('again@example.org')
    const again = async () =>
      browser.post('/verify/again', { form: formOf(await browser.get(at)), ...secretsOf(at) })
    expect((await again()).text).toContain('The last mail is very new')
    await place.pass(60)
    expect((await again()).text).toContain('A new code is on its way')
    const second = await place.mailTo('again@example.org')
    expect((await browser.get(first.link)).status).toBe(410)
    expect((await typeCode(browser, at, first.code)).text).toContain('<bdi>4</bdi> tries left')
    expect((await typeCode(browser, at, second.code)).status).toBe(303)
  })

  it('is tried five times, and what is no code is no try', async () => {
    const browser = fresh()
    const at = (await signUp(browser, 'tries@example.org')).location ?? ''
    const { code, link } = await place.mailTo('tries@example.org')
    for (const text of ['', '1234', 'not a code at all'])
      expect((await typeCode(browser, at, text)).text).toContain('Enter the 8 letters and digits')
    for (let left = 4; left > 0; left -= 1)
      expect((await typeCode(browser, at, '0000-0000')).text).toContain(`<bdi>${left}</bdi> tries`)
    expect((await typeCode(browser, at, '0000-0000')).text).toContain('Too many codes')
    expect((await typeCode(browser, at, code)).text).toContain('Too many codes')
    const page = await browser.get(link)
    expect((await browser.post('/verify', { form: formOf(page), ...secretsOf(link) })).status).toBe(
      303,
    )
  })

  it('of one flow is nothing in another flow, and each form changes its own account only', async () => {
    const browser = fresh()
    const [one, two] = [
      (await signUp(browser, 'one@example.org')).location ?? '',
      (await signUp(browser, 'two@example.org')).location ?? '',
    ]
    const formOne = formOf(await browser.get(one))
    const mailOne = await place.mailTo('one@example.org')
    const mailTwo = await place.mailTo('two@example.org')
    await browser.get(mailTwo.link)
    expect((await typeCode(browser, two, mailOne.code)).status).toBe(400)
    const sent = { form: formOne, ...secretsOf(one), code: mailOne.code }
    expect((await browser.post('/verify', sent)).status).toBe(303)
    expect([await statusOf('one@example.org'), await statusOf('two@example.org')]).toEqual([
      'active',
      'unverified',
    ])
  })

  it('is nothing with the flow of another browser', async () => {
    const browser = fresh()
    const at = (await signUp(browser, 'flow@example.org')).location ?? ''
    const { code } = await place.mailTo('flow@example.org')
    const other = fresh()
    const form = formOf(await other.get('/sign-up'))
    const page = await other.post('/verify', { form, ...secretsOf(at), code })
    expect([page.status, await isSignedIn(other)]).toEqual([410, false])
    expect((await other.get(at)).status).toBe(410)
  })
})
