import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askReset, isSignedIn, sendStep, typeCode } from '../addresses/steps.ts'
import { formBelow } from '../sessions/account-forms.ts'
import { formOf, openBrowser, type Browser } from '../sessions/browser.ts'
import { codeOf, secretOf } from '../sessions/enrol.ts'
import { openPlace, password, type Node, type Place } from '../sessions/place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)
const next = 'other ordinary words here'

/** A user with a password and a code app. */
async function addEnrolled(name: string, facts = {}) {
  const id = await place.addUser(name, { isVerified: true, ...facts })
  const { codeAt, recoveryCodes } = await place.enrol(id)
  return { id, codeAt, recoveryCodes }
}

async function sendCode(browser: Browser, code: string) {
  const form = formOf(await browser.get('/sign-in/second-factor'))
  return browser.post('/sign-in/second-factor', { form, code })
}

describe('a thief of a password that must change, of a user with a second factor', () => {
  it('changes no password without the second factor, and ends no session', async () => {
    const { id, codeAt } = await addEnrolled('ann', { mustChange: true })
    const thief = fresh()
    const asked = await thief.signIn('ann')
    expect([asked.status, asked.location]).toEqual([303, '/sign-in/second-factor?lang=en'])
    const before = await place.store.users.find(id)
    const [waiting, guessed] = [await thief.get('/new-password'), await sendCode(thief, '000000')]
    expect([waiting.status, guessed.status]).toEqual([410, 403])
    expect(await place.store.users.find(id)).toEqual(before)
    await place.pass(60)
    const owner = fresh()
    await owner.signIn('ann', { return_to: '/orders' })
    const step = await sendCode(owner, codeAt(place.now()))
    expect([step.status, await isSignedIn(owner)]).toEqual([303, false])
    const saved = await sendStep(owner, step.location ?? '', { new_password: next })
    expect([saved.status, saved.location, await isSignedIn(owner)]).toEqual([303, '/orders', true])
    expect((await place.store.sessions.list(id, 5)).map(({ acr, amr }) => [acr, amr])).toEqual([
      ['2', ['pwd', 'otp']],
    ])
  })

  it('uses the code of the owner once only, and in one browser', async () => {
    const { codeAt } = await addEnrolled('bob', { mustChange: true })
    const [owner, thief] = [fresh(), fresh()]
    for (const browser of [owner, thief]) await browser.signIn('bob')
    await place.pass(60)
    const code = codeAt(place.now())
    const step = await sendCode(owner, code)
    expect((await sendCode(thief, code)).status).toBe(403)
    expect((await thief.get(step.location ?? '')).status).toBe(410)
    expect((await sendCode(owner, code).catch(() => undefined))?.status).toBeUndefined()
  })
})

describe('a thief of a mailbox', () => {
  it('is asked for the second factor after a reset, and opens nothing without it', async () => {
    await addEnrolled('carol@example.org')
    const thief = fresh()
    const asked = await askReset(thief, 'carol@example.org')
    const { code } = await place.mailTo('carol@example.org')
    const step = await typeCode(thief, asked.location ?? '', code)
    const saved = await sendStep(thief, step.location ?? '', { new_password: next })
    expect(saved.location).toBe('/sign-in/second-factor?lang=en')
    expect(await isSignedIn(thief)).toBe(false)
    for (const path of ['/account/security', '/account/data/export', '/confirm'])
      expect((await thief.get(path)).location).toContain('/sign-in?')
  })
})

describe('a thief of a code app', () => {
  it('has level 1 within a second once its owner uses another one', async () => {
    const { id, codeAt } = await addEnrolled('dora')
    const signIn = async () => {
      const browser = fresh()
      await place.pass(60)
      await browser.signIn('dora')
      expect((await sendCode(browser, codeAt(place.now()))).status).toBe(303)
      return browser
    }
    const [thief, owner] = [await signIn(), await signIn()]
    const path = '/account/security/app-code'
    const page = await owner.get(path)
    const [, key = ''] = /secret=([A-Z2-7]+)/.exec(page.text) ?? []
    const fields = { form: formBelow(page.text), code: codeOf(secretOf(key), place.now()) }
    expect((await owner.post(path, fields)).status).toBe(303)
    expect((await thief.get('/account/devices')).location).toContain('/confirm?')
    expect((await owner.get('/account/devices')).status).toBe(200)
    const levels = (await place.store.sessions.list(id, 5)).map(({ acr }) => acr)
    expect(levels.toSorted()).toEqual(['1', '2'])
  })
})

describe('a stranger who floods a mailbox', () => {
  it('gets no further mail by junk fields, other spellings or forged addresses of networks', async () => {
    await place.addUser('erin@example.org', { isVerified: true })
    const spellings = ['erin@example.org', 'Erin@Example.ORG', ' erin@example.org ']
    for (const [at, name] of [...spellings, ...spellings, ...spellings].entries()) {
      const browser = fresh()
      const form = formOf(await browser.get('/reset'))
      const headers = { 'x-forwarded-for': `192.0.2.${at}`, forwarded: `for=198.51.100.${at}` }
      const junk = { [`junk${at}`]: 'x', address: `a${at}@example.org`, return_to: `/${at}` }
      const asked = await browser.post('/reset', { form, username: name, ...junk }, headers)
      expect([asked.status, asked.location?.startsWith('/reset/code?flow=')]).toEqual([303, true])
    }
    for (let mail = 0; mail < 3; mail += 1) await place.mailTo('erin@example.org')
    await place.addUser('later@example.org', { isVerified: true })
    // The mails of all people leave in order, so this one comes after each of the others.
    await askReset(fresh(), 'later@example.org')
    await place.mailTo('later@example.org')
    const recipients = place.mails.map(({ to }) => to)
    expect(recipients.filter((to) => to === 'erin@example.org')).toHaveLength(3)
    expect(recipients.filter((to) => /^a\d@/.test(to))).toEqual([])
  })
})

it('the password of this file is in no log', () => {
  expect(place.logged()).not.toContain(password)
  expect(place.logged()).not.toContain(next)
})
