import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formOf, openBrowser } from '../sessions/browser.ts'
import { openPlace, password, type Node, type Place } from '../sessions/place.ts'
import { askReset, isSignedIn, plainPage, secretsOf, sendStep, shapeOf, typeCode } from './steps.ts'

const next = 'other ordinary words here'
let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)
const audited = async () => JSON.stringify(await place.store.audit.list(0, 100_000))

describe('a reset', () => {
  it('by code in the browser that asked sets a password, signs in and ends all other sign-ins', async () => {
    const id = await place.addUser(['ann', 'ann@example.org', 'ann@example.net'], {
      isVerified: true,
    })
    const [other, browser] = [fresh(), fresh()]
    await other.signIn('ann')
    const asked = await askReset(browser, 'ann@example.org', { return_to: '/orders' })
    const { code } = await place.mailTo('ann@example.org')
    const proven = await typeCode(browser, asked.location ?? '', code)
    expect(proven.location).toContain('/new-password?flow=')
    expect(await isSignedIn(other)).toBe(true)
    const saved = await sendStep(browser, proven.location ?? '', { new_password: next })
    expect(saved.location).toBe('/new-password/done?lang=en&return_to=%2Forders')
    expect((await browser.get(saved.location ?? '')).text).toContain('href="/orders"')
    expect([await isSignedIn(browser), await isSignedIn(other)]).toEqual([true, false])
    expect((await fresh().signIn('ann')).status).toBe(403)
    expect((await fresh().signIn('ann', { password: next })).status).toBe(303)
    expect((await place.store.users.find(id))?.version).toBe(2)
    for (const address of ['ann@example.org', 'ann@example.net'])
      expect((await place.mailTo(address)).code).toBe('')
  })

  it('by the link in the browser that asked needs one press, and opening it spends nothing', async () => {
    await place.addUser('bob@example.org', { isVerified: true })
    const browser = fresh()
    await askReset(browser, 'BOB@example.org')
    const { link } = await place.mailTo('bob@example.org')
    for (let time = 0; time < 3; time += 1)
      expect((await browser.get(link)).text).toContain('Your old password works until')
    const proven = await sendStep(browser, link, {})
    const saved = await sendStep(browser, proven.location ?? '', { new_password: next })
    expect([saved.status, await isSignedIn(browser)]).toEqual([303, true])
    expect((await browser.get(link)).status).toBe(410)
  })

  it('in another browser needs the code, however often the link is opened and its buttons are pressed', async () => {
    await place.addUser('cid@example.org', { isVerified: true })
    const [browser, scanner, phone] = [fresh(), fresh(), fresh()]
    await askReset(browser, 'cid@example.org')
    const { link, code } = await place.mailTo('cid@example.org')
    for (let time = 0; time < 10; time += 1)
      expect((await sendStep(scanner, link, {})).status).toBe(400)
    expect((await typeCode(phone, link, code)).location).toContain('/new-password')
  })

  it.each([
    ['an unknown address', 'nobody@example.org'],
    ['an unknown name', 'nobody'],
    ['an address that is not proven', 'unproven@example.org'],
    ['a disabled account', 'disabled@example.org'],
    ['an account that proved nothing', 'waiting@example.org'],
    ['a text that is no name', 'two words'],
  ])('of %s has the same answer and sends nothing', async (_, username) => {
    const knownAddress = `known@${username.replace('@', '-').replace(' ', '-')}.example`
    await place.addUser(knownAddress, { isVerified: true })
    if (username === 'unproven@example.org') await place.addUser(username)
    if (username === 'disabled@example.org') {
      const id = await place.addUser(username, { isVerified: true })
      await place.store.users.disable(id, { requestId: 't', address: null, actor: 'operator' })
    }
    if (username === 'waiting@example.org') {
      const browser = fresh()
      const form = formOf(await browser.get('/sign-up'))
      await browser.post('/sign-up', { form, username, new_password: password })
      await place.mailTo(username)
    }
    const [one, other] = [fresh(), fresh()]
    const strange = await askReset(one, username)
    const known = await askReset(other, knownAddress)
    expect(shapeOf(strange)).toEqual(shapeOf(known))
    const pages = [await one.get(strange.location ?? ''), await other.get(known.location ?? '')]
    expect(plainPage(pages[0]).replace(`<bdi>${username}</bdi>`, '')).toBe(plainPage(pages[1]))
    const wrong = [
      await typeCode(one, strange.location ?? '', '0000-0000'),
      await typeCode(other, known.location ?? '', '0000-0000'),
    ]
    expect(wrong.map(({ status }) => status)).toEqual([400, 400])
    expect(plainPage(wrong[0]).replace(`<bdi>${username}</bdi>`, '')).toBe(plainPage(wrong[1]))
    await place.mailTo(knownAddress)
    expect(place.mails.filter(({ to, code }) => to === username && code !== '')).toHaveLength(
      username === 'waiting@example.org' ? 1 : 0,
    )
  })

  it('shows the reason of a refused password, and spends nothing', async () => {
    await place.addUser('fay@example.org', { isVerified: true })
    const browser = fresh()
    const asked = await askReset(browser, 'fay@example.org')
    const { code } = await place.mailTo('fay@example.org')
    const at = (await typeCode(browser, asked.location ?? '', code)).location ?? ''
    for (const [typed, shown] of [
      ['short', 'Use <bdi>15</bdi> characters'],
      ['fay example 2024', 'Leave your name'],
      ['', 'Enter your password'],
    ] as const) {
      const page = await sendStep(browser, at, { new_password: typed })
      expect([page.status, page.text.includes(shown)]).toEqual([400, true])
    }
    expect((await sendStep(browser, at, { new_password: next })).status).toBe(303)
  })

  it('never goes past its proof: each form out of order, twice, and with the secret of another flow', async () => {
    await place.addUser('gus@example.org', { isVerified: true })
    const [browser, thief] = [fresh(), fresh()]
    const at = (await askReset(browser, 'gus@example.org')).location ?? ''
    const { code, link } = await place.mailTo('gus@example.org')
    const { flow = '' } = secretsOf(at)
    const formPage = await thief.get('/reset')
    const form = formOf(formPage)
    // The secret of the flow is no secret of the next step, nor is the one of the link.
    for (const secret of [flow, secretsOf(link)['link'] ?? '']) {
      for (const one of [browser, thief]) {
        expect((await one.get(`/new-password?flow=${secret}`)).status).toBe(410)
        const sent = { form, flow: secret, new_password: next }
        expect((await one.post('/new-password', sent)).status).toBe(410)
      }
      expect((await browser.get(`/verify?link=${secret}`)).status).toBe(410)
      expect((await browser.get(`/verify?flow=${secret}`)).status).toBe(410)
      expect((await browser.get(`/invite?link=${secret}`)).status).toBe(410)
      expect((await browser.get(`/undo-address?link=${secret}`)).status).toBe(410)
    }
    const step = (await typeCode(browser, at, code)).location ?? ''
    // The step belongs to the browser of the proof.
    expect((await thief.get(step)).status).toBe(410)
    const stolen = { form, ...secretsOf(step), new_password: next }
    expect((await thief.post('/new-password', stolen)).status).toBe(410)
    expect((await browser.get(at)).status).toBe(410)
    expect((await sendStep(browser, step, { new_password: next })).status).toBe(303)
    const repeated = await browser.get(step)
    expect(repeated.status).toBe(410)
    expect((await fresh().signIn('gus@example.org', { password: next })).status).toBe(303)
  })

  it('sends three mails an hour to one address, by whichever name it is asked for', async () => {
    await place.addUser(['hal', 'hal@example.org'], { isVerified: true })
    for (const name of ['hal@example.org', 'hal', 'HAL@example.org', 'hal', 'hal@example.org'])
      expect((await askReset(fresh(), name)).status).toBe(303)
    await place.addUser('last@example.org', { isVerified: true })
    await askReset(fresh(), 'last@example.org')
    await place.mailTo('last@example.org')
    expect(place.mails.filter(({ to }) => to === 'hal@example.org')).toHaveLength(3)
  })

  it.each([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example' }],
    ['Forwarded', { forwarded: 'host=evil.example;proto=https' }],
  ])('keeps the configured origin in its link under a forged %s', async (_, headers) => {
    const address = `host-${_.length}@example.org`
    await place.addUser(address, { isVerified: true })
    const browser = fresh()
    const form = formOf(await browser.get('/reset'))
    await browser.post('/reset', { form, username: address }, headers)
    const mail = await place.mailTo(address)
    expect(mail.text).toContain(`${node.issuer}/reset/code?link=`)
    expect(mail.text).not.toContain('evil.example')
  })

  it('gives level 1 only, however the address was proven', async () => {
    await place.addUser('ivy@example.org', { isVerified: true })
    const browser = fresh()
    await askReset(browser, 'ivy@example.org')
    const { link } = await place.mailTo('ivy@example.org')
    const step = (await sendStep(browser, link, {})).location ?? ''
    await sendStep(browser, step, { new_password: next })
    const facts = await place.store.users.findByName('ivy@example.org' as never)
    const sessions = facts === undefined ? [] : await place.store.sessions.list(facts.user.id, 10)
    expect(sessions.map(({ acr, amr }) => [acr, amr])).toEqual([['1', ['pwd']]])
  })
})

describe('a password that must change', () => {
  it('leads to a page that sets another one, and signs in at the return target', async () => {
    await place.addUser('jo', { mustChange: true })
    const browser = fresh()
    const page = await browser.signIn('jo', { return_to: '/orders', keep: 'yes' })
    expect([page.status, await isSignedIn(browser)]).toEqual([303, false])
    const at = page.location ?? ''
    expect((await browser.get(at)).text).toContain('asks for a new one.')
    const same = await sendStep(browser, at, { new_password: password })
    expect([same.status, same.text.includes('This is the old password')]).toEqual([400, true])
    const saved = await sendStep(browser, at, { new_password: next })
    expect([saved.location, await isSignedIn(browser)]).toEqual(['/orders', true])
    expect(saved.setCookies.find((text) => text.startsWith('cs-r='))).toContain('Max-Age=')
    expect((await fresh().signIn('jo', { password: next })).location).toBe('/account')
  })

  it('that is shorter than the rule says so', async () => {
    await place.addUser('kim', { password: 'nine long' })
    const browser = fresh()
    const page = await browser.signIn('kim', { password: 'nine long' })
    expect((await browser.get(page.location ?? '')).text).toContain(
      'shorter than this service asks',
    )
  })

  it('is bound to the browser of the sign-in', async () => {
    await place.addUser('lea', { mustChange: true })
    const page = await fresh().signIn('lea')
    const thief = fresh()
    await thief.get('/sign-in')
    expect((await thief.get(page.location ?? '')).status).toBe(410)
  })
})

it('no secret of a link, a flow or a code is in the log or the audit log', async () => {
  await place.addUser('mia@example.org', { isVerified: true })
  const browser = fresh()
  const at = (await askReset(browser, 'mia@example.org')).location ?? ''
  const { link, code } = await place.mailTo('mia@example.org')
  await browser.get(link)
  const step = (await typeCode(browser, at, code)).location ?? ''
  await sendStep(browser, step, { new_password: next })
  const secrets = [secretsOf(link)['link'], secretsOf(at)['flow'], secretsOf(step)['flow'], code]
  const events = await audited()
  for (const secret of [...secrets, next, 'mia@example.org']) {
    expect(place.logged()).not.toContain(secret)
    expect(events).not.toContain(secret)
  }
})

it('the pages of a proof send no address to other sites', async () => {
  await place.addUser('ned@example.org', { isVerified: true })
  const browser = fresh()
  const asked = await askReset(browser, 'ned@example.org')
  const { link } = await place.mailTo('ned@example.org')
  const policyOf = async (at: string) => (await browser.get(at)).headers.get('referrer-policy')
  expect(await policyOf(link)).toBe('no-referrer')
  // The secret of a flow is nothing outside of its browser.
  expect(await policyOf(asked.location ?? '')).toBe('same-origin')
})
