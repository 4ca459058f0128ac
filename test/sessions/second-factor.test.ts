import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { formOf, openBrowser, type Browser } from './browser.ts'
import type { Enrolled } from './enrol.ts'
import { openPlace, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

interface Person extends Enrolled {
  readonly id: UserId
  readonly name: string
}

async function addPerson(name: string): Promise<Person> {
  const id = await place.addUser(name)
  return { id, name, ...(await place.enrol(id)) }
}

/** Refusals are written together, a moment later. */
const waiting = { timeout: 10_000 }
const fresh = () => openBrowser(node.origin)

/** A browser that has proven the password. */
async function afterPassword(person: Person, more = {}): Promise<Browser> {
  const browser = fresh()
  const page = await browser.signIn(person.name, { return_to: '/orders', ...more })
  expect([page.status, page.location]).toEqual([303, '/sign-in/second-factor?lang=en'])
  return browser
}

async function sendCode(browser: Browser, code: string, more = {}, headers = {}) {
  const page = await browser.get('/sign-in/second-factor')
  return browser.post('/sign-in/second-factor', { form: formOf(page), code, ...more }, headers)
}

/** The present code, once the clock has left the step of an earlier one. */
async function nextCode(person: Person): Promise<string> {
  await place.pass(60)
  return person.codeAt(place.now())
}

async function sessionOf({ id }: Person) {
  return (await place.store.sessions.list(id, 1))[0]
}

async function reasonsOf({ id }: Person) {
  const rows = await place.store.audit.list(0, 100_000)
  return rows.flatMap(({ event }) =>
    event.event === 'sign_in_refused' && event.userId === id ? [event.reason] : [],
  )
}

describe('after the password of a user with a second factor', () => {
  it('no cookie opens anything', async () => {
    const ann = await addPerson('ann')
    const browser = await afterPassword(ann)
    expect([...browser.jar.keys()]).toEqual(['cs-b'])
    expect((await browser.get('/session/check')).status).toBe(401)
    // The original contract answers 400 to a request without a token.
    expect((await browser.get('/protected')).status).toBe(400)
    expect((await browser.get('/account/security')).location).toContain('/sign-in?')
    expect((await browser.get('/confirm')).location).toContain('/sign-in?')
    expect(await sessionOf(ann)).toBeUndefined()
  })

  it('the page has one field, made for codes, and names the user', async () => {
    const browser = await afterPassword(await addPerson('bea'))
    const { status, text } = await browser.get('/sign-in/second-factor')
    expect(status).toBe(200)
    expect(text).toContain('autocomplete="one-time-code"')
    expect(text).toContain('inputmode="numeric"')
    expect(text.match(/name="code"/g)).toHaveLength(1)
    expect(text).toContain('bea')
  })

  it('the code opens a session of level 2 that returns to the target', async () => {
    const cat = await addPerson('cat')
    const browser = await afterPassword(cat, { keep: 'yes' })
    const before = browser.jar.get('cs-b')
    const code = await nextCode(cat)
    const page = await sendCode(browser, `${code.slice(0, 3)} ${code.slice(3)}`)
    expect([page.status, page.location]).toEqual([303, '/orders'])
    expect(page.cookies).toEqual(['cs', 'cs-r', 'cs-b', 'cs-d'])
    expect(browser.jar.get('cs-b')).not.toBe(before)
    expect(await sessionOf(cat)).toMatchObject({
      acr: '2',
      amr: ['pwd', 'otp'],
      isPersistent: true,
    })
    expect((await browser.get('/session/check')).status).toBe(204)
  })

  it('a code works once, and the page says when the next one comes', async () => {
    const dan = await addPerson('dan')
    const code = await nextCode(dan)
    expect((await sendCode(await afterPassword(dan), code)).status).toBe(303)
    const page = await sendCode(await afterPassword(dan), code)
    expect([page.status, page.cookies]).toEqual([403, []])
    expect(page.text).toContain('That code was used already')
    expect(page.text).toMatch(/it comes in\s+<bdi>\d+ seconds?<\/bdi>/)
    await expect.poll(() => reasonsOf(dan), waiting).toEqual(['code_used'])
  })

  it.each([
    ['of the wrong digits', '000000', 403, 'tries left'],
    ['of five digits', '12345', 400, 'Enter the 6 digits'],
    ['of letters', 'abcdef', 400, 'Enter the 6 digits'],
    ['that is missing', '', 400, 'Enter the 6 digits'],
  ])('a code %s opens nothing', async (how, code, status, text) => {
    const person = await addPerson(`no ${how}`.replaceAll(' ', '-'))
    const page = await sendCode(await afterPassword(person), code)
    expect([page.status, page.cookies]).toEqual([status, []])
    expect(page.text).toContain(text)
    expect(await sessionOf(person)).toBeUndefined()
  })

  it('five wrong codes end the sign-in, and the right one opens nothing then', async () => {
    const eve = await addPerson('eve')
    const browser = await afterPassword(eve)
    const statuses: string[] = []
    for (let tries = 0; tries < 5; tries += 1) {
      const { text } = await sendCode(browser, '000000')
      statuses.push(/(\d) tries left|One try is left|Please start again/.exec(text)?.[0] ?? text)
    }
    expect(statuses).toEqual([
      ...['4', '3', '2'].map((left) => expect.stringContaining(left)),
      'One try is left',
      'Please start again',
    ])
    const page = await browser.get('/sign-in/second-factor')
    expect([page.status, page.text.includes('Please start again')]).toEqual([403, true])
    expect(await sessionOf(eve)).toBeUndefined()
  })

  it('twenty wrong codes lock the factor for an hour, in this and in other sign-ins', async () => {
    const fay = await addPerson('fay')
    for (let round = 0; round < 4; round += 1) {
      const browser = await afterPassword(fay)
      for (let tries = 0; tries < 5; tries += 1) await sendCode(browser, '000000')
    }
    const page = await sendCode(await afterPassword(fay), await nextCode(fay))
    expect([page.status, page.cookies]).toEqual([429, []])
    // Its own counter: recovery codes still work, and so does the app an hour later.
    const recovered = await sendCode(await afterPassword(fay), fay.recoveryCodes[0] ?? '', {
      way: 'recovery',
    })
    expect(recovered.status).toBe(303)
    await place.pass(3_600)
    expect((await sendCode(await afterPassword(fay), fay.codeAt(place.now()))).status).toBe(303)
  })

  it('a browser in which the user signed in before is not locked by strangers', async () => {
    const gus = await addPerson('gus')
    const known = await afterPassword(gus)
    expect((await sendCode(known, await nextCode(gus))).status).toBe(303)
    for (let round = 0; round < 4; round += 1) {
      const browser = await afterPassword(gus)
      for (let tries = 0; tries < 5; tries += 1) await sendCode(browser, '000000')
      await place.pass(60)
    }
    await known.signOut()
    await known.signIn('gus')
    expect((await sendCode(known, await nextCode(gus))).status).toBe(303)
  })

  it.each([
    ['another browser', { 'sec-fetch-site': 'same-origin' }, { form: 'Zm9ybQ' }, 400],
    ['another site', { 'sec-fetch-site': 'cross-site' }, {}, 403],
  ])('a form of %s opens nothing', async (how, headers, fields, status) => {
    const person = await addPerson(how.replaceAll(' ', '-'))
    const page = await sendCode(
      await afterPassword(person),
      await nextCode(person),
      fields,
      headers,
    )
    expect([page.status, page.cookies]).toEqual([status, []])
  })

  it('a browser without the sign-in begins again', async () => {
    const page = await fresh().get('/sign-in/second-factor')
    expect([page.status, page.text.includes('longer than 10 minutes')]).toEqual([400, true])
  })

  it('the code of another user opens nothing, and so does a form that was open for one', async () => {
    const [hal, ida] = [await addPerson('hal'), await addPerson('ida')]
    const browser = await afterPassword(hal)
    const ofHal = formOf(await browser.get('/sign-in/second-factor'))
    await browser.signIn('ida')
    const code = await nextCode(hal)
    const page = await browser.post('/sign-in/second-factor', { form: ofHal, code })
    expect([page.status, page.cookies]).toEqual([400, []])
    expect((await sendCode(browser, code)).status).toBe(403)
    expect(await sessionOf(hal)).toBeUndefined()
    expect(await sessionOf(ida)).toBeUndefined()
  })

  it('the sign-in lasts ten minutes', async () => {
    const jan = await addPerson('jan')
    const [late, early] = [await afterPassword(jan), await afterPassword(jan)]
    await place.pass(590)
    expect((await sendCode(early, jan.codeAt(place.now()))).status).toBe(303)
    await place.pass(12)
    const page = await late.get('/sign-in/second-factor')
    expect([page.status, page.text.includes('longer than 10 minutes')]).toEqual([400, true])
  })

  it.each(['disable', 'setPassword', 'erase', 'revokeTokens'] as const)(
    'after %s it opens nothing',
    async (act) => {
      const person = await addPerson(`gone-${act.toLowerCase()}`)
      const browser = await afterPassword(person)
      const form = formOf(await browser.get('/sign-in/second-factor'))
      const { users } = place.store
      const system = { requestId: 'test', address: null, actor: 'operator' }
      const hash = { hash: '$argon2id$x', pepperId: 'p', mustChange: false }
      if (act === 'setPassword') await users.setPassword(person.id, hash, system)
      else await users[act](person.id, system)
      const code = await nextCode(person)
      const page = await browser.post('/sign-in/second-factor', { form, code })
      expect([page.status, page.cookies]).toEqual([400, []])
      expect(await sessionOf(person)).toBeUndefined()
    },
  )

  it('of 50 requests with one code exactly one opens a session', async () => {
    const kim = await addPerson('kim')
    const browser = await afterPassword(kim)
    const form = formOf(await browser.get('/sign-in/second-factor'))
    const code = await nextCode(kim)
    const pages = await Promise.all(
      Array.from({ length: 50 }, () =>
        browser.copy().post('/sign-in/second-factor', { form, code }),
      ),
    )
    expect(pages.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(await place.store.sessions.list(kim.id, 10)).toHaveLength(1)
  })
})

describe('a recovery code', () => {
  it('opens a session of level 2 once, in any spelling', async () => {
    const lea = await addPerson('lea')
    const [code = ''] = lea.recoveryCodes
    const typed = code.replaceAll('-', ' ').toUpperCase()
    const page = await sendCode(await afterPassword(lea), typed, { way: 'recovery' })
    expect([page.status, page.location]).toEqual([303, '/orders'])
    expect((await sessionOf(lea))?.acr).toBe('2')
    const again = await sendCode(await afterPassword(lea), code, { way: 'recovery' })
    expect([again.status, again.cookies]).toEqual([403, []])
    expect(again.text).toContain('does not fit, or was used')
    expect((await place.store.users.factors(lea.id)).recoveryCodesLeft).toBe(9)
    await expect.poll(() => reasonsOf(lea), waiting).toEqual(['code_wrong'])
  })

  it('of another user opens nothing', async () => {
    const [max, ned] = [await addPerson('max'), await addPerson('ned')]
    const page = await sendCode(await afterPassword(max), ned.recoveryCodes[0] ?? '', {
      way: 'recovery',
    })
    expect([page.status, page.cookies]).toEqual([403, []])
  })

  it('leads to the offer of new ones where three are left', async () => {
    const oda = await addPerson('oda')
    const locations: (string | null)[] = []
    let last = fresh()
    for (const code of oda.recoveryCodes.slice(0, 7)) {
      last = await afterPassword(oda)
      locations.push((await sendCode(last, code, { way: 'recovery' })).location)
    }
    expect(locations).toEqual([
      ...Array.from({ length: 6 }, () => '/orders'),
      '/sign-in/recovery-codes?lang=en&return_to=%2Forders',
    ])
    expect((await last.get(locations.at(-1) ?? '')).text).toContain('recovery codes left')
  })
})
