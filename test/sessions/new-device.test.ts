import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formBelow } from './account-forms.ts'
import { openBrowser, type Browser } from './browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
})
afterAll(() => place.close())

async function signIn(name: string, browser: Browser = openBrowser(node.origin)): Promise<Browser> {
  expect((await browser.signIn(name)).status).toBe(303)
  return browser
}

const subjectsTo = (address: string) =>
  place.mails.filter(({ to }) => to === address).map(({ subject }) => subject)

describe('a sign-in from a browser that the user never used', () => {
  it('is written to each proven address in the language of the user', async () => {
    const addresses = ['new@example.org', 'neu@example.net']
    await place.addUser(['new', ...addresses], { isVerified: true, profile: { locale: 'de' } })
    await signIn('new')
    await signIn('new')
    for (const address of addresses) {
      const { text } = await place.mailTo(address)
      expect(text).toContain('angemeldet')
      expect(text).toContain(`${node.issuer}/account/devices`)
    }
  })

  it('is no news for the first browser of all, a known one, or an unproven address', async () => {
    await place.addUser(['known', 'known@example.org'], { isVerified: true })
    await place.addUser(['unproven', 'unproven@example.org'])
    const browser = await signIn('known')
    await browser.signOut()
    await signIn('known', browser)
    await signIn('unproven')
    await signIn('unproven')
    // A mail that comes later shows that none came before.
    await signIn('known')
    await place.mailTo('known@example.org')
    expect(subjectsTo('known@example.org')).toHaveLength(1)
    expect(subjectsTo('unproven@example.org')).toEqual([])
  })

  it('is not written for a sign-in that was refused', async () => {
    await place.addUser(['refused', 'refused@example.org'], { isVerified: true })
    await signIn('refused')
    await openBrowser(node.origin).signIn('refused', { password: 'four wrong words here' })
    await signIn('refused')
    await place.mailTo('refused@example.org')
    expect(subjectsTo('refused@example.org')).toHaveLength(1)
  })
})

it('a changed password is written to the proven address', async () => {
  const address = 'changed@example.org'
  await place.addUser(['changed', address], { isVerified: true })
  const browser = await signIn('changed')
  const path = '/account/security/password'
  const form = formBelow((await browser.get(path)).text)
  const fields = { form, current_password: password, new_password: 'entirely other words here' }
  expect((await browser.post(path, fields)).status).toBe(303)
  const mail = await place.mailTo(address)
  expect(mail.text).toContain(`${node.issuer}/account/security`)
  expect(mail.text).not.toContain('entirely other words')
})
