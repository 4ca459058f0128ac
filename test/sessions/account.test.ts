import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { openPlace, type Node, type Place } from './place.ts'

let place: Place
let node: Node
beforeAll(async () => {
  place = await openPlace()
  node = await place.startNode()
  await place.addUser('ann')
})
afterAll(() => place.close())

const fresh = () => openBrowser(node.origin)

/** All pages of the account. */
const pagePaths = ['/account/security']

describe('the account', () => {
  it('begins with the security page, in the language of the browser', async () => {
    const page = await fresh().get('/account', { 'accept-language': 'de' })
    expect([page.status, page.location]).toEqual([303, '/account/security?lang=de'])
  })

  it.each(pagePaths)(
    '%s leads a browser without a session to the sign-in and back',
    async (path) => {
      const page = await fresh().get(path)
      const returnTo = encodeURIComponent(path)
      expect([page.status, page.location]).toEqual([303, `/sign-in?lang=en&return_to=${returnTo}`])
    },
  )

  it.each(pagePaths)('%s shows who is signed in', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    const page = await browser.get(path)
    expect([page.status, page.text.includes('<bdi>ann</bdi>')]).toEqual([200, true])
  })

  it.each(pagePaths)('%s opens nothing for a session that was ended elsewhere', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    const stale = browser.copy()
    await browser.signOut()
    const page = await stale.get(path)
    expect([page.status, page.location?.startsWith('/sign-in?')]).toEqual([303, true])
    expect(stale.jar.has('cs-r')).toBe(false)
  })

  it.each(pagePaths)('%s renews the cookies of a session where they are due', async (path) => {
    const browser = fresh()
    await browser.signIn('ann')
    await place.pass(400)
    expect((await browser.get(path)).cookies).toEqual(['cs', 'cs-r'])
  })
})
