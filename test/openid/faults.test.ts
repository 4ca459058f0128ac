import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, type Browser, type Page } from '../sessions/browser.ts'
import { context } from '../store/records.ts'
import {
  answerConsent,
  answerOf,
  authorize,
  authorizePath,
  exchange,
  follow,
  hidden,
  openWorld,
  signInOn,
  type World,
} from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  for (const name of ['ann', 'bob', 'carol']) await world.place.addUser(name)
})
afterAll(() => world.close())

/** Opens the question for consent in a browser. */
async function openConsent(browser: Browser, fields = {}): Promise<Page> {
  const page = await follow(
    browser,
    await browser.get(authorizePath({ prompt: 'consent', ...fields })),
  )
  return page.text.includes('name="password"')
    ? follow(browser, await signInOn(browser, page))
    : page
}

const flowIn = ({ text }: Page): string => hidden({ text } as Page, 'flow')

describe('a code', () => {
  it('ends with the fifth wrong verifier of its own app', async () => {
    const code = (await authorize(world.fresh())).get('code') ?? ''
    const wrong = { code_verifier: 'w'.repeat(43) }
    for (let tried = 0; tried < 5; tried += 1)
      expect(await exchange(world, world.ordersApp, code, wrong)).toMatchObject({ status: 400 })
    expect(await exchange(world, world.ordersApp, code)).toMatchObject({
      body: { error: 'invalid_grant' },
    })
  })

  it('is not ended by five wrong tries of another app', async () => {
    const other = await world.addApp({ id: 'rival' })
    const code = (await authorize(world.fresh())).get('code') ?? ''
    for (let tried = 0; tried < 6; tried += 1)
      expect(await exchange(world, other, code)).toMatchObject({ body: { error: 'invalid_grant' } })
    expect((await exchange(world, world.ordersApp, code)).status).toBe(200)
  })

  it('is nothing after 60 seconds', async () => {
    const code = (await authorize(world.fresh())).get('code') ?? ''
    await world.place.pass(62)
    expect(await exchange(world, world.ordersApp, code)).toMatchObject({
      body: { error: 'invalid_grant' },
    })
  })

  it('is nothing once its app is disabled, and gives nothing once its user is', async () => {
    const app = await world.addApp({ id: 'closing' })
    const userId = await world.place.addUser('leaving')
    const browser = world.fresh()
    const page = await follow(browser, await browser.get(authorizePath({ client_id: 'closing' })))
    const consent = await follow(browser, await signInOn(browser, page, 'leaving'))
    const first = answerOf(await answerConsent(browser, consent)).get('code') ?? ''
    const second =
      answerOf(await browser.get(authorizePath({ client_id: 'closing' }))).get('code') ?? ''
    await world.place.store.users.disable(userId, context)
    expect(await exchange(world, app, first)).toMatchObject({ body: { error: 'invalid_grant' } })
    await world.place.store.clients.disable('closing', context)
    // The node hears of the change a moment later.
    const late = async () => (await exchange(world, app, second)).status
    await expect.poll(late, { timeout: 2_000 }).toBe(401)
  })
})

describe('a waiting request', () => {
  it('is unknown in another browser, also with the session of another user', async () => {
    const consent = await openConsent(world.fresh())
    const thief = world.fresh()
    await openConsent(thief)
    const path = `/oauth2/authorize/continue?flow=${flowIn(consent)}`
    const page = await thief.get(path)
    expect([page.status, page.location]).toEqual([400, null])
    expect(page.text).toContain('This request has ended')
  })

  it('goes on in two tabs at once, each to its own answer', async () => {
    const browser = world.fresh()
    const [one, two] = [
      await follow(browser, await browser.get(authorizePath({ state: 'one' }))),
      await follow(browser, await browser.get(authorizePath({ state: 'two' }))),
    ]
    const first = await follow(browser, await signInOn(browser, one))
    const answered = first.text.includes('name="answer"')
      ? await answerConsent(browser, first)
      : first
    expect(answerOf(answered).get('state')).toBe('one')
    // The second tab still has the form of the browser before it signed in.
    const late = await browser.post('/sign-in', {
      form: formOf(two),
      return_to: hidden(two, 'return_to'),
      username: 'ann',
      password: 'x',
    })
    expect(late.text).toContain('You are signed in now')
    const onward = hidden(two, 'return_to')
    expect(answerOf(await follow(browser, await browser.get(onward))).get('state')).toBe('two')
  })

  it('is answered once: a second answer says so', async () => {
    const browser = world.fresh()
    const consent = await openConsent(browser)
    const copy = browser.copy()
    expect(answerOf(await answerConsent(browser, consent)).get('code')).not.toBeNull()
    const again = await answerConsent(copy, consent)
    expect([again.status, again.location]).toEqual([400, null])
  })

  it('ends after an hour', async () => {
    const browser = world.fresh()
    const consent = await openConsent(browser)
    await world.place.pass(3_601)
    const page = await answerConsent(browser, consent)
    expect([page.status, page.location]).toEqual([400, null])
  })

  it('is lost when its redirect URI is no longer registered', async () => {
    await world.addApp({ id: 'moving' })
    const browser = world.fresh()
    const consent = await openConsent(browser, { client_id: 'moving' })
    const { store } = world.place
    const was = await store.clients.find('moving')
    if (was?.signIn === undefined) throw new Error('the app is gone')
    const signIn = { ...was.signIn, redirectUris: ['https://new.example/cb'] }
    await store.clients.change('moving', { signIn }, false, context, { was })
    await expect
      .poll(async () => (await answerConsent(browser, consent)).status, { timeout: 2_000 })
      .toBe(400)
  })
})

describe('the question for consent', () => {
  it.each([
    ['from another site', {}, { 'sec-fetch-site': 'cross-site' }, 403],
    ['without the value of its form', { form: '' }, {}, 200],
    ['with the value of another form', { form: 'x'.repeat(43) }, {}, 200],
  ])('takes no answer %s', async (_, over, headers, status) => {
    const browser = world.fresh()
    const consent = await openConsent(browser)
    const fields = { form: formFor(consent), flow: flowIn(consent), answer: 'allow', ...over }
    const page = await browser.post('/oauth2/authorize/continue', fields, headers)
    expect([page.status, page.location]).toEqual([status, null])
  })

  it('takes no answer of a user who signed out meanwhile', async () => {
    const browser = world.fresh()
    const consent = await openConsent(browser)
    await browser.signOut()
    const page = await answerConsent(browser, consent)
    expect([page.status, page.location]).toEqual([400, null])
  })

  it('goes on with another account, which is asked too', async () => {
    const browser = world.fresh()
    const consent = await openConsent(browser)
    const fields = [
      ['form', formOf(consent)],
      ['then', 'sign-in'],
      ['return_to', hidden(consent, 'return_to')],
    ] as const
    const page = await browser.post('/sign-out', Object.fromEntries(fields))
    const signIn = await follow(browser, page)
    const again = await follow(browser, await signInOn(browser, signIn, 'carol'))
    expect(again.text).toContain('<bdi>carol</bdi>')
    expect(answerOf(await answerConsent(browser, again)).get('code')).not.toBeNull()
  })

  it('lets its form lead to the app, and no other page does', async () => {
    const browser = world.fresh()
    const start = await browser.get(authorizePath())
    const policyOf = (page: Page) => page.headers.get('content-security-policy')
    const signIn = await follow(browser, start)
    expect(policyOf(signIn)).toContain("form-action 'self' https://desk.example;")
    expect(policyOf(await browser.get('/sign-in'))).toContain("form-action 'self';")
    expect(policyOf(await openConsent(browser))).toContain(
      "form-action 'self' https://desk.example;",
    )
  })

  it('shows a hostile name as text', async () => {
    const name = '<script>alert(1)</script>"&'
    await world.addApp({ id: 'hostile', signIn: { name } })
    const page = await openConsent(world.fresh(), { client_id: 'hostile' })
    expect(page.text).not.toContain('<script>alert')
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('comes each time for a public app on this computer, and its port is free', async () => {
    await world.addApp({
      id: 'native',
      signIn: { redirectUris: ['http://127.0.0.1/callback'] },
      record: { authentication: 'none', secrets: [] },
    })
    const browser = world.fresh()
    const fields = {
      client_id: 'native',
      redirect_uri: 'http://127.0.0.1:53124/callback',
      prompt: '',
    }
    const first = await openConsent(browser, fields)
    expect(first.text).toContain('The app runs on this computer')
    const page = await answerConsent(browser, first)
    expect(page.location).toMatch(/^http:\/\/127\.0\.0\.1:53124\/callback\?code=/u)
    expect((await openConsent(browser, fields)).text).toContain('name="answer"')
  })
})

describe('a sign-in that an app asks for once more', () => {
  it('leads to a proof, and its time is in the id token', async () => {
    const browser = world.fresh()
    const first = await authorize(browser)
    const { body: before } = await exchange(world, world.ordersApp, first.get('code') ?? '')
    await world.place.pass(5)
    const page = await follow(browser, await browser.get(authorizePath({ prompt: 'login' })))
    expect(page.text).toContain('name="password"')
    const silent = answerOf(await browser.get(authorizePath({ prompt: 'none', max_age: '1' })))
    expect(silent.get('error')).toBe('login_required')
    expect(timeOf(before['id_token'])).toBeLessThan(Math.floor(world.place.now()))
  })

  it('is answered in silence while it is young enough', async () => {
    const browser = world.fresh()
    await authorize(browser)
    const answer = answerOf(await browser.get(authorizePath({ prompt: 'none', max_age: '900' })))
    expect(answer.get('code')).not.toBeNull()
  })

  it('refuses a hint of another user in silence', async () => {
    const bob = world.fresh()
    const page = await follow(bob, await bob.get(authorizePath()))
    const consent = await follow(bob, await signInOn(bob, page, 'bob'))
    const code = answerOf(await answerConsent(bob, consent)).get('code') ?? ''
    const { body } = await exchange(world, world.ordersApp, code)
    const hint = { prompt: 'none', id_token_hint: String(body['id_token']) }
    expect(answerOf(await bob.get(authorizePath(hint))).get('code')).not.toBeNull()
    const ann = world.fresh()
    await authorize(ann)
    expect(answerOf(await ann.get(authorizePath(hint))).get('error')).toBe('login_required')
    const forged = `${hint.id_token_hint.slice(0, -8)}AAAAAAAA`
    const refused = answerOf(await ann.get(authorizePath({ id_token_hint: forged })))
    expect(refused.get('error')).toBe('invalid_request')
  })
})

function timeOf(idToken: unknown): number {
  const [, payload = ''] = String(idToken).split('.')
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).auth_time
}

/** The value of the form of consent, which comes after the form that switches the account. */
function formFor({ text }: Page): string {
  const part = text.slice(text.indexOf('action="/oauth2/authorize/continue"'))
  return hidden({ text: part } as Page, 'form')
}
