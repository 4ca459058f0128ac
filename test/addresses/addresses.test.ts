import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, openBrowser, type Browser } from '../sessions/browser.ts'
import { openPlace, password, type Node, type Place } from '../sessions/place.ts'
import { isSignedIn, secretsOf, sendStep, signUp, typeCode } from './steps.ts'

const next = 'other ordinary words here'
let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)
const addressesOf = async (name: string) => {
  const facts = await place.store.users.findByName(name as never)
  return facts?.user.names.filter(({ kind }) => kind === 'address').map(({ shown }) => shown)
}

/** Asks for a change of an address on the page of the account. */
async function change(browser: Browser, address: string, former = '') {
  const path = '/account/addresses/change'
  const page = await browser.get(`${path}?former=${encodeURIComponent(former)}`)
  // The first form of the page signs out.
  const form = formOf({ ...page, text: page.text.slice(page.text.indexOf('<main')) })
  return browser.post(path, { form, address, former })
}

async function signedIn(name: string, address?: string) {
  await place.addUser(address === undefined ? name : [name, address], { isVerified: true })
  const browser = fresh()
  await browser.signIn(name)
  return browser
}

describe('the addresses of an account', () => {
  it('are changed by the code at the new one; the former one gets a mail, and the session stays', async () => {
    const browser = await signedIn('ann', 'ann@old.test')
    expect((await browser.get('/account/addresses')).text).toContain('ann@old.test')
    const asked = await change(browser, 'ann@new.test', 'ann@old.test')
    expect(await addressesOf('ann')).toEqual(['ann@old.test'])
    const { code } = await place.mailTo('ann@new.test')
    const done = await typeCode(browser, asked.location ?? '', code)
    expect([done.status, done.text.includes('ann@new.test')]).toEqual([200, true])
    expect(await addressesOf('ann')).toEqual(['ann@new.test'])
    expect(await isSignedIn(browser)).toBe(true)
    expect((await place.mailTo('ann@old.test')).text).toContain('ann@new.test')
  })

  it('are added, and one that an operator added is confirmed', async () => {
    await place.addUser(['bob', 'bob@first.test'])
    const browser = fresh()
    await browser.signIn('bob')
    for (const address of ['bob@second.test', 'bob@first.test']) {
      const asked = await change(browser, address)
      const { code } = await place.mailTo(address)
      expect((await typeCode(browser, asked.location ?? '', code)).status).toBe(200)
    }
    const facts = await place.store.users.findByName('bob' as never)
    const proven = facts?.user.names.filter(({ verifiedAt }) => verifiedAt !== null)
    expect(proven?.map(({ shown }) => shown)).toEqual(['bob@first.test', 'bob@second.test'])
  })

  it('tell each proven address of one that is added, with a link that removes it', async () => {
    const browser = await signedIn('nell', 'nell@own.test')
    for (const address of ['nell@second.test', 'nell@thief.test']) {
      const asked = await change(browser, address)
      await typeCode(browser, asked.location ?? '', (await place.mailTo(address)).code)
      await place.pass(10)
    }
    expect((await place.mailTo('nell@own.test')).text).toContain('nell@second.test')
    const { text, link } = await place.mailTo('nell@second.test')
    expect(text).toContain('nell@thief.test belongs to your account now')
    const owner = fresh()
    const step = await sendStep(owner, link, { confirm: 'nell@own.test' })
    expect(step.location).toContain('/new-password?flow=')
    expect(await addressesOf('nell')).toEqual(['nell@own.test', 'nell@second.test'])
    expect([await isSignedIn(browser), (await fresh().signIn('nell')).status]).toEqual([false, 403])
  })

  it('never show which addresses have an account', async () => {
    await place.addUser('taken@cid.test', { isVerified: true })
    const browser = await signedIn('cid')
    const [taken, free] = [
      await change(browser, 'taken@cid.test'),
      await change(browser, 'free@cid.test'),
    ]
    expect([taken.status, free.status]).toEqual([303, 303])
    expect((await place.mailTo('taken@cid.test')).code).toBe('')
    const wrong = await typeCode(browser, taken.location ?? '', '0000-0000')
    expect([wrong.status, wrong.text.includes('does not fit')]).toEqual([400, true])
    expect(await addressesOf('cid')).toEqual([])
  })

  it('change for a session only that is still there, and never for another user', async () => {
    const browser = await signedIn('dee', 'dee@old.test')
    const asked = await change(browser, 'dee@new.test', 'dee@old.test')
    const { code, link } = await place.mailTo('dee@new.test')
    await place.store.sessions.endOthers(
      (await place.store.users.findByName('dee' as never))?.user.id ?? ('' as never),
      null,
      'ended',
      { requestId: 't', address: null, actor: 'operator' },
    )
    const refused = await typeCode(browser, asked.location ?? '', code)
    expect(refused.location).toContain('/sign-in?')
    const other = await signedIn('eve')
    expect((await typeCode(other, link, code)).location).toContain('/sign-in?')
    expect(await addressesOf('dee')).toEqual(['dee@old.test'])
  })

  it('ask for a new proof after a quarter of an hour', async () => {
    const browser = await signedIn('fay', 'fay@old.test')
    await place.pass(16 * 60)
    const page = await browser.get('/account/addresses/change')
    expect(page.location).toContain('/confirm?')
  })

  it.each([
    ['no address', 'two words', 'Enter an email address'],
    ['its own address', 'GUS@old.test', 'This is your address already'],
  ])('refuse %s with a reason', async (_, typed, shown) => {
    const browser = await signedIn(`gus-${typed.length}`, `gus@old${typed.length}.test`)
    const own = typed.startsWith('GUS') ? `GUS@old${typed.length}.test` : typed
    const page = await change(browser, own)
    expect([page.status, page.text.includes(shown)]).toEqual([400, true])
  })
})

describe('the undo of a change', () => {
  async function changed(name: string) {
    const browser = await signedIn(name, `${name}@old.test`)
    const asked = await change(browser, `${name}@thief.test`, `${name}@old.test`)
    const { code } = await place.mailTo(`${name}@thief.test`)
    await typeCode(browser, asked.location ?? '', code)
    return { browser, link: (await place.mailTo(`${name}@old.test`)).link }
  }

  it('restores the address, ends all sessions, and asks for a new password', async () => {
    const { browser, link } = await changed('hal')
    const owner = fresh()
    const step = await sendStep(owner, link, { confirm: 'hal@old.test' })
    expect(step.location).toContain('/new-password?flow=')
    expect(await addressesOf('hal')).toEqual(['hal@old.test'])
    expect([await isSignedIn(browser), (await fresh().signIn('hal')).status]).toEqual([false, 403])
    const saved = await sendStep(owner, step.location ?? '', { new_password: next })
    expect([saved.status, await isSignedIn(owner)]).toEqual([303, true])
    expect((await owner.get(link)).status).toBe(410)
  })

  it('needs the typed address, so that pressing its button changes nothing', async () => {
    const { browser, link } = await changed('ivy')
    const scanner = fresh()
    for (const confirm of ['', 'ivy@thief.test', 'ivy'])
      expect((await sendStep(scanner, link, { confirm })).status).toBe(400)
    expect([await addressesOf('ivy'), await isSignedIn(browser)]).toEqual([
      ['ivy@thief.test'],
      true,
    ])
  })

  it('is nothing after seven days', async () => {
    const { link } = await changed('jo')
    await place.pass(7 * 86_400)
    expect((await fresh().get(link)).status).toBe(410)
  })
})

describe('an address of an account that proved nothing', () => {
  it('goes to the person who proves it, and the account is gone', async () => {
    await signUp(fresh(), 'kim@squat.test')
    await place.mailTo('kim@squat.test')
    const browser = await signedIn('kim')
    const asked = await change(browser, 'kim@squat.test')
    const { code } = await place.mailTo('kim@squat.test')
    await typeCode(browser, asked.location ?? '', code)
    expect(await addressesOf('kim')).toEqual(['kim@squat.test'])
    expect((await fresh().signIn('kim@squat.test', { password })).status).toBe(303)
  })
})

it('a link of one flow is nothing at the pages of others', async () => {
  const browser = await signedIn('lea', 'lea@old.test')
  await change(browser, 'lea@new.test', 'lea@old.test')
  const { link } = await place.mailTo('lea@new.test')
  const { link: secret = '' } = secretsOf(link)
  for (const path of ['/verify', '/reset/code', '/invite', '/undo-address'])
    expect((await browser.get(`${path}?link=${secret}`)).status).toBe(410)
})
