import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formOf, openBrowser, type Browser, type Page } from '../sessions/browser.ts'
import { openPlace, type Node, type Place } from '../sessions/place.ts'
import { createAuthenticator, type Authenticator, type UseOver } from './authenticator.ts'

/** Refusals are written within a second. */
const patient = { timeout: 10_000, interval: 50 }
const security = '/account/security'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace({ host: 'localhost' })
  node = await place.startNode()
})
afterAll(() => place.close())

const optionsOf = (page: Page) => JSON.parse(page.text) as { challenge: string; rpId: string }
const html = { accept: 'text/html' }

/** Adds a user, and a passkey by the pages of the account. */
async function addOwner(name: string, over = {}) {
  const userId = await place.addUser(name)
  const list = await place.store.passkeys.listOf(userId)
  const userHandle = Buffer.from(list?.handle ?? []).toString('base64url')
  const key = createAuthenticator({ origin: node.issuer, userHandle })
  const browser = openBrowser(node.origin)
  await browser.signIn(name, { return_to: '/' })
  const page = await browser.get(`${security}/passkeys/add`, html)
  const form = accountForm(page)
  const options = await browser.post(`${security}/passkeys/options`, { form })
  const response = key.create(optionsOf(options), over)
  const added = await browser.post(`${security}/passkeys/add`, { form, response })
  return { userId, key, browser, added, name }
}

/** The value of the form of an account page; the first form signs out. */
function accountForm({ text }: Page): string {
  const parts = text.split('data-passkey')
  return formOf({ text: parts[1] ?? '' } as Page)
}

async function begin(browser: Browser, headers = {}) {
  const form = formOf(await browser.get('/sign-in'))
  const page = await browser.post('/sign-in/passkey/options', { form }, headers)
  return { form, page }
}

async function signIn(browser: Browser, key: Authenticator, over: UseOver = {}, more = {}) {
  const { form, page } = await begin(browser)
  const response = key.use(optionsOf(page), over)
  return browser.post('/sign-in/passkey', { form, response, return_to: '/orders', ...more })
}

async function refusals(userId: string): Promise<readonly string[]> {
  const rows = await place.store.audit.list(0, 100_000)
  return rows.flatMap(({ event }) =>
    event.event === 'sign_in_refused' && event.userId === userId ? [event.reason] : [],
  )
}

describe('the sign-in by passkey', () => {
  test('opens a session of level 2 with a new browser, and tells the browser its passkeys', async () => {
    const ann = await addOwner('ann')
    expect([ann.added.status, ann.added.location]).toEqual([
      303,
      `${security}?lang=en&added=${ann.key.credentialId}`,
    ])
    const browser = openBrowser(node.origin)
    await browser.get('/sign-in')
    const before = browser.jar.get('cs-b')
    const page = await signIn(browser, ann.key)
    expect([page.status, page.location]).toEqual([
      303,
      '/account/passkey-offer?lang=en&return_to=%2Forders',
    ])
    expect(page.cookies).toEqual(['cs', 'cs-r', 'cs-b', 'cs-d'])
    expect(browser.jar.get('cs-b')).not.toBe(before)
    const onward = await browser.get(page.location ?? '')
    expect(onward.text).toContain('data-signal="signalAllAcceptedCredentials"')
    expect(onward.text).toContain(ann.key.credentialId)
    expect(onward.text).toContain('data-onward href="/orders"')
    const [session] = await place.store.sessions.list(ann.userId, 1)
    expect(session).toMatchObject({ acr: '2', amr: ['swk', 'user', 'mfa'], isPersistent: false })
    expect((await place.store.audit.list(0, 100_000)).map(({ event }) => event)).toContainEqual(
      expect.objectContaining({ event: 'passkey_added', userId: ann.userId }),
    )
  })

  test('keeps a session that is asked to stay', async () => {
    const bea = await addOwner('bea')
    const page = await signIn(openBrowser(node.origin), bea.key, {}, { keep: 'yes' })
    expect(page.setCookies.find((cookie) => cookie.startsWith('cs-r='))).toContain('Max-Age=')
  })

  test.each([
    [
      'a signature of nobody',
      { signature: Buffer.alloc(70) },
      'did not sign you in',
      'response_wrong',
    ],
    ['another origin', { origin: 'https://evil.example' }, 'did not sign you in', 'origin_wrong'],
    ['no verified user', { flags: ['UP', 'BE', 'BS'] }, 'did not check', 'user_not_verified'],
    ['the id of another user', { userHandle: 'AAAA' }, 'did not sign you in', 'passkey_of_other'],
  ] as const)(
    'signs nobody in with %s, and the audit log says why',
    async (how, over, text, reason) => {
      const owner = await addOwner(`no-${how.replaceAll(' ', '-')}`)
      const page = await signIn(openBrowser(node.origin), owner.key, over)
      expect([page.status, page.cookies]).toEqual([403, []])
      expect(page.text).toContain(text)
      await expect.poll(() => refusals(owner.userId), patient).toEqual([reason])
    },
  )

  test('of a disabled user says the same as a wrong one', async () => {
    const cat = await addOwner('cat')
    await place.store.users.disable(cat.userId, {
      requestId: 'r',
      address: null,
      actor: 'operator',
    })
    const browser = openBrowser(node.origin)
    const disabled = await signIn(browser, cat.key)
    const wrong = await signIn(browser, cat.key, { signature: Buffer.alloc(70) })
    expect(disabled.status).toBe(403)
    expect(disabled.text).toBe(wrong.text)
    await expect.poll(() => refusals(cat.userId), patient).toContain('user_disabled')
  })

  test('with a passkey of nobody lets the browser forget it', async () => {
    const key = createAuthenticator({ origin: node.issuer, userHandle: 'AAAA' })
    const page = await signIn(openBrowser(node.origin), key)
    expect(page.status).toBe(403)
    expect(page.text).toContain('data-signal="signalUnknownCredential"')
    expect(page.text).toContain(key.credentialId)
  })

  test('with a challenge that was used, or of another browser, says that it took too long', async () => {
    const dan = await addOwner('dan')
    const [one, other] = [openBrowser(node.origin), openBrowser(node.origin)]
    const { form, page } = await begin(one)
    const response = dan.key.use(optionsOf(page))
    const elsewhere = formOf(await other.get('/sign-in'))
    const stolen = await other.post('/sign-in/passkey', { form: elsewhere, response })
    expect([stolen.status, stolen.cookies]).toEqual([403, []])
    expect(stolen.text).toContain('That took too long')
    expect((await one.post('/sign-in/passkey', { form, response })).status).toBe(303)
    const fresh = formOf(await other.get('/sign-in'))
    expect((await other.post('/sign-in/passkey', { form: fresh, response })).status).toBe(403)
  })

  test('takes its form from its own page only', async () => {
    const eve = await addOwner('eve')
    const browser = openBrowser(node.origin)
    const { form, page } = await begin(browser)
    const response = eve.key.use(optionsOf(page))
    const foreign = { 'sec-fetch-site': 'cross-site' }
    const fields = { form, response }
    expect((await browser.post('/sign-in/passkey', fields, foreign)).status).toBe(403)
    const old = await browser.post('/sign-in/passkey', { ...fields, form: 'Zm9ybQ' })
    expect(old.status).toBe(400)
    expect(old.text).toContain('open for a long time')
    expect((await browser.post('/sign-in/passkey', fields)).status).toBe(303)
  })

  test('sends a target on another site to the first page', async () => {
    const fay = await addOwner('fay')
    const page = await signIn(
      openBrowser(node.origin),
      fay.key,
      {},
      { return_to: '//evil.example' },
    )
    expect(page.location).toBe('/account/passkey-offer?lang=en&return_to=%2Faccount')
  })
})

describe('the addresses for password managers', () => {
  test('name the pages of passkeys, and lead to the page of the password', async () => {
    const browser = openBrowser(node.origin)
    const page = await browser.get('/.well-known/passkey-endpoints')
    expect([page.status, JSON.parse(page.text)]).toEqual([
      200,
      {
        enroll: `${node.issuer}/account/security/passkeys/add`,
        manage: `${node.issuer}/account/security`,
      },
    ])
    const change = await browser.get('/.well-known/change-password')
    expect([change.status, change.location]).toEqual([303, '/account/security/password'])
    expect((await browser.get('/.well-known/nothing-of-ours')).status).toBe(404)
  })
})

describe('the options of a sign-in', () => {
  test('are the same for everybody, but for the challenge', async () => {
    const { page } = await begin(openBrowser(node.origin))
    expect(optionsOf(page)).toEqual({
      challenge: expect.any(String),
      rpId: 'localhost',
      timeout: 300_000,
      userVerification: 'required',
      allowCredentials: [],
    })
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    ['another site', {}, { 'sec-fetch-site': 'cross-site' }, 403, 'cross_site'],
    ['a form of another browser', { form: 'Zm9ybQ' }, {}, 400, 'form_too_old'],
    ['no form', { form: '' }, {}, 400, 'form_too_old'],
  ])('are refused with %s', async (_, over, headers, status, error) => {
    const browser = openBrowser(node.origin)
    const form = formOf(await browser.get('/sign-in'))
    const page = await browser.post('/sign-in/passkey/options', { form, ...over }, headers)
    expect([page.status, JSON.parse(page.text)]).toEqual([status, { error }])
  })

  test('are counted for each network', async () => {
    const counting = await openPlace({ host: 'localhost' })
    const { origin } = await counting.startNode()
    const browser = openBrowser(origin)
    const form = formOf(await browser.get('/sign-in'))
    const statuses: number[] = []
    for (let at = 0; at < 121; at += 1)
      statuses.push((await browser.post('/sign-in/passkey/options', { form })).status)
    const last = await browser.post('/sign-in/passkey/options', { form })
    await counting.close()
    expect(statuses.filter((status) => status === 200)).toHaveLength(120)
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('a passkey after the password', () => {
  async function typePassword(name: string) {
    const browser = openBrowser(node.origin)
    const page = await browser.signIn(name)
    expect([page.status, page.location]).toEqual([303, '/sign-in/second-factor?lang=en'])
    return browser
  }

  const path = '/sign-in/second-factor/passkey'

  test('is asked for where it is the only second factor', async () => {
    const lea = await addOwner('lea')
    const browser = await typePassword(lea.name)
    const page = await browser.get('/sign-in/second-factor', html)
    expect([page.status, page.location]).toEqual([303, `${path}?lang=en`])
    expect((await browser.get(path, html)).text).toContain('lea')
  })

  test('opens nothing for a passkey of another user, a used challenge or another browser', async () => {
    const [max, ned] = [await addOwner('max'), await addOwner('ned')]
    const browser = await typePassword(max.name)
    const form = formOf(await browser.get(path, html))
    const ask = async () => optionsOf(await browser.post(`${path}/options`, { form }))
    expect((await browser.post(path, { form, response: ned.key.use(await ask()) })).status).toBe(
      403,
    )
    const toSignIn = await begin(openBrowser(node.origin))
    const response = max.key.use(optionsOf(toSignIn.page))
    expect((await browser.post(path, { form, response })).status).toBe(403)
    const right = max.key.use(await ask())
    const elsewhere = await typePassword(ned.name)
    const otherForm = formOf(await elsewhere.get(path, html))
    const stolen = await elsewhere.post(path, { form: otherForm, response: right })
    expect([stolen.status, stolen.cookies]).toEqual([403, []])
    const page = await browser.post(path, { form, response: right })
    expect([page.status, page.location]).toEqual([
      303,
      '/account/passkey-offer?lang=en&return_to=%2Faccount',
    ])
    expect((await browser.post(path, { form, response: right })).cookies).toEqual([])
  })

  test('gives no options to a browser that proved no password', async () => {
    const browser = openBrowser(node.origin)
    const form = formOf(await browser.get('/sign-in'))
    const page = await browser.post(`${path}/options`, { form })
    expect([page.status, JSON.parse(page.text)]).toEqual([400, { error: 'form_too_old' }])
  })
})

describe('a passkey as a new proof', () => {
  const path = '/confirm/passkey'

  test('raises a session, and must verify its user', async () => {
    const ola = await addOwner('ola')
    await place.pass(901)
    const form = formFrom(await ola.browser.get(`${path}?return_to=/orders`, html))
    const ask = async () => optionsOf(await ola.browser.post(`${path}/options`, { form }))
    const unverified = ola.key.use(await ask(), { flags: ['UP', 'BE', 'BS'] })
    const refused = await ola.browser.post(path, { form, response: unverified })
    expect([refused.status, refused.text.includes('did not check')]).toEqual([403, true])
    const fields = { form, response: ola.key.use(await ask()), return_to: '/orders' }
    const page = await ola.browser.post(path, fields)
    expect([page.status, page.location]).toEqual([303, '/orders'])
    expect((await ola.browser.get(`${security}/passkeys/add`, html)).status).toBe(200)
  })

  /** The value of the form of a page in two parts. */
  function formFrom(page: Page): string {
    return formOf({ text: page.text.split('data-passkey')[1] ?? '' } as Page)
  }
})

describe('the passkeys of an account', () => {
  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['no session', { cookie: '' }, 303],
  ])('are not changed from %s', async (how, headers, status) => {
    const owner = await addOwner(`changed-${how.replaceAll(' ', '-')}`)
    for (const act of ['add', 'rename', 'remove', 'options']) {
      const fields = { form: 'Zm9ybQ', id: owner.key.credentialId, name: 'stolen' }
      const page = await owner.browser.post(`${security}/passkeys/${act}`, fields, headers)
      expect([act, page.status]).toEqual([act, status])
    }
    expect((await place.store.passkeys.listOf(owner.userId))?.passkeys).toMatchObject([
      { name: expect.not.stringContaining('stolen') },
    ])
  })

  test('of another user are not found', async () => {
    const [gus, hal] = [await addOwner('gus'), await addOwner('hal')]
    for (const act of ['rename', 'remove']) {
      const page = await gus.browser.get(`${security}/passkeys/${act}?id=${hal.key.credentialId}`)
      expect([act, page.status]).toEqual([act, 404])
    }
    const form = formOf(
      await gus.browser.get(`${security}/passkeys/rename?id=${gus.key.credentialId}`),
    )
    expect(form).toBeDefined()
  })

  test('are not changed by a session that has ended', async () => {
    const ida = await addOwner('ida')
    const page = await ida.browser.get(`${security}/passkeys/add`, html)
    const late = ida.browser.copy()
    await ida.browser.signOut()
    const answer = await late.post(`${security}/passkeys/options`, { form: accountForm(page) })
    expect([answer.status, answer.location?.startsWith('/sign-in?')]).toEqual([303, true])
  })

  test('need a proof of the last 15 minutes', async () => {
    const jan = await addOwner('jan')
    await place.pass(901)
    for (const path of [`${security}/passkeys/add`, `${security}/passkeys/remove?id=x`]) {
      const page = await jan.browser.get(path, html)
      expect(page.location).toContain('/confirm?why=passkeys')
    }
    const page = await jan.browser.get(security, html)
    expect(page.status).toBe(200)
  })

  test('are signed-in facts only: the page shows no note of an id that the person does not have', async () => {
    const kim = await addOwner('kim')
    const page = await kim.browser.get(`${security}?added=bm9uZQ`, html)
    expect(page.text).not.toContain('can now sign you in')
    expect((await kim.browser.get(kim.added.location ?? '', html)).text).toContain(
      'can now sign you in',
    )
  })
})

test('no challenge, response or id of a passkey is logged', () => {
  expect(place.logged()).not.toMatch(/clientDataJSON|challenge|attestationObject/u)
})
