import { DatabaseSync } from 'node:sqlite'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { findChromium, launchChromium } from '../pages/browser.ts'
import { openPlace, password, type Node, type Place } from '../sessions/place.ts'
import { addAuthenticator, type VirtualAuthenticator } from './virtual-authenticator.ts'

const chromium = findChromium(process.env)
const about = chromium === undefined ? ' (skipped: no Chromium on the PATH or in CHROMIUM)' : ''
const patient = { timeout: 20_000, interval: 50 }
const security = '/account/security'

describe.skipIf(chromium === undefined)(`passkeys in a browser${about}`, () => {
  let place: Place
  let node: Node
  let browser: Browser
  beforeAll(async () => {
    place = await openPlace({ host: 'localhost' })
    node = await place.startNode()
    browser = await launchChromium(chromium ?? '')
  })
  afterAll(async () => {
    await browser?.close()
    await place?.close()
  })

  interface Visit {
    readonly userId: UserId
    readonly name: string
    readonly context: BrowserContext
    readonly tab: Page
    readonly key: VirtualAuthenticator
    readonly lines: readonly string[]
  }

  const at = (path: string) => `${node.origin}${path}`
  const textOf = ({ tab }: Visit) => tab.evaluate<string>('document.body.innerText')
  const pathOf = ({ tab }: Visit) => new URL(tab.url()).pathname

  /** A new user with a password, in a browser with an authenticator. */
  async function visit(name: string, over = {}): Promise<Visit> {
    const userId = await place.addUser(name)
    const context = await browser.newContext({})
    const tab = await context.newPage()
    const lines: string[] = []
    tab.on('console', (line) => lines.push(line.text()))
    await tab.goto(at('/livez'))
    const key = await addAuthenticator(context, tab, over)
    return { userId, name, context, tab, key, lines }
  }

  async function typePassword({ tab, name }: Visit, canMake = 'yes'): Promise<void> {
    await tab.goto(at(`/sign-in?return_to=${security}`))
    await tab.fill('#username', name)
    await tab.fill('#password', password)
    const hint = () => tab.evaluate('document.getElementById("passkeys").value')
    await expect.poll(hint, patient).toBe(canMake)
    await tab.click('form[action="/sign-in"] button.first')
  }

  async function shows(visited: Visit, text: string): Promise<void> {
    await expect.poll(() => textOf(visited), patient).toContain(text)
  }

  /** A user who took the passkey that was offered. */
  async function visitWithPasskey(name: string, over = {}): Promise<Visit> {
    const visited = await visit(name, over)
    await typePassword(visited)
    await shows(visited, 'Sign in faster next time')
    await visited.tab.click('[data-passkey] button')
    await shows(visited, 'Chrome on Linux')
    expect(pathOf(visited)).toBe(security)
    return visited
  }

  async function signOut({ context }: Visit): Promise<void> {
    await context.clearCookies()
  }

  async function lastSession({ userId }: Visit) {
    return (await place.store.sessions.list(userId, 10))[0]
  }

  function sql(statement: string, ...params: readonly string[]): void {
    const database = new DatabaseSync(place.databaseUrl, { timeout: 5_000 })
    database.prepare(statement).run(...params)
    database.close()
  }

  test('a passkey that was offered after a password signs in by autofill, at level 2', async () => {
    const ann = await visitWithPasskey('ann')
    expect(await lastSession(ann)).toMatchObject({ acr: '2', amr: ['pwd', 'swk', 'user', 'mfa'] })
    await signOut(ann)
    await ann.tab.goto(at(`/sign-in?return_to=${security}`))
    // Nothing is pressed: the browser fills the passkey in.
    await shows(ann, 'Last used')
    expect(pathOf(ann)).toBe(security)
    expect(await lastSession(ann)).toMatchObject({ acr: '2', amr: ['swk', 'user', 'mfa'] })
    expect(ann.lines.filter((line) => /policy|violat|refused/iu.test(line))).toEqual([])
    expect(ann.tab.url()).not.toMatch(/challenge|response|form=/u)
    await ann.context.close()
  })

  test('the button signs in, and a browser that is not asked to stay forgets the session', async () => {
    const bea = await visitWithPasskey('bea')
    await signOut(bea)
    await bea.tab.addInitScript('delete PublicKeyCredential.isConditionalMediationAvailable')
    await bea.tab.goto(at(`/sign-in?return_to=${security}`))
    await bea.tab.click('#keep')
    await bea.tab.click('[data-passkey] button')
    await shows(bea, 'Last used')
    expect((await lastSession(bea))?.isPersistent).toBe(true)
    await bea.context.close()
  })

  test('a passkey that verifies nobody leaves the person on the page, with a note', async () => {
    const cat = await visitWithPasskey('cat')
    await signOut(cat)
    await cat.key.setVerified(false)
    await cat.tab.goto(at('/sign-in'))
    await cat.tab.click('[data-passkey] button')
    await shows(cat, 'No passkey was used')
    expect(pathOf(cat)).toBe('/sign-in')
    await cat.context.close()
  })

  test('an answer of "Not now" postpones the offer', async () => {
    const dan = await visit('dan')
    await typePassword(dan)
    await shows(dan, 'Sign in faster next time')
    await dan.tab.click('form[action="/account/passkey-offer"] button')
    await shows(dan, 'No passkey yet.')
    await signOut(dan)
    await typePassword(dan)
    await shows(dan, 'No passkey yet.')
    expect((await place.store.passkeys.listOf(dan.userId))?.mayBeOffered).toBe(false)
    await dan.context.close()
  })

  test('a browser that adds a passkey by itself asks nobody, and the account stays at level 1', async () => {
    const eve = await visit('eve')
    // Chromium does it after a sign-in by its password manager, which has no virtual form.
    await eve.tab.addInitScript(`
      const create = navigator.credentials.create.bind(navigator.credentials)
      navigator.credentials.create = ({ mediation, ...options }) => create(options)`)
    await typePassword(eve)
    await shows(eve, 'Chrome on Linux')
    expect(pathOf(eve)).toBe(security)
    const list = await place.store.passkeys.listOf(eve.userId)
    expect(list?.passkeys).toMatchObject([{ usedAt: null }])
    await eve.context.close()
  })

  test('a removed passkey is gone from the browser too, and the last way in stays', async () => {
    const fay = await visitWithPasskey('fay')
    sql('delete from passwords where user_id = ?', fay.userId)
    await fay.tab.click('.things a[href*="/remove"]')
    await shows(fay, 'This is your only way in')
    sql(
      `insert into passwords (user_id, hash, pepper_id, set_at, must_change) values (?, 'x', 'x', 0, 0)`,
      fay.userId,
    )
    await fay.tab.reload()
    await shows(fay, 'You can then sign in with your password')
    await fay.tab.click('form[action="/account/security/passkeys/remove"] button')
    await shows(fay, 'The passkey is removed')
    await expect.poll(() => fay.key.credentials(), patient).toEqual([])
    expect((await place.store.passkeys.listOf(fay.userId))?.passkeys).toEqual([])
    await fay.context.close()
  })

  test('a passkey that no account has is forgotten by the browser', async () => {
    const gus = await visitWithPasskey('gus')
    await signOut(gus)
    sql('delete from passkeys where user_id = ?', gus.userId)
    await gus.tab.goto(at('/sign-in'))
    await shows(gus, 'This passkey no longer belongs to an account')
    await expect.poll(() => gus.key.credentials(), patient).toEqual([])
    await gus.context.close()
  })

  test('a copy of a passkey that cannot leave its device is refused', async () => {
    const hal = await visitWithPasskey('hal', { isSynced: false })
    await signOut(hal)
    await hal.tab.goto(at(`/sign-in?return_to=${security}`))
    await shows(hal, 'Last used')
    await signOut(hal)
    await hal.key.replace({ signCount: 0 })
    await hal.tab.goto(at('/sign-in'))
    await shows(hal, 'This passkey did not sign you in')
    const events = (await place.store.audit.list(0, 100_000)).map(({ event }) => event)
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'passkey_counter_low', userId: hal.userId }),
    )
    await hal.context.close()
  })

  test('a passkey without user verification is a second step only, and signs nobody in', async () => {
    const ida = await visit('ida', { hasUserVerification: false, isSynced: false })
    await typePassword(ida, '')
    await shows(ida, 'No passkey yet.')
    await ida.tab.click('a[href*="/passkeys/add"]')
    await ida.tab.click('[data-passkey] button')
    await shows(ida, 'can now sign you in')
    await shows(ida, 'Second step only')
    await signOut(ida)
    await typePassword(ida, '')
    await ida.tab.click('[data-passkey] button')
    await shows(ida, 'Second step only')
    expect(await lastSession(ida)).toMatchObject({ acr: '2', amr: ['pwd', 'hwk', 'user', 'mfa'] })
    await signOut(ida)
    await ida.tab.goto(at('/sign-in'))
    await ida.tab.click('[data-passkey] button')
    await shows(ida, 'No passkey was used')
    expect(pathOf(ida)).toBe('/sign-in')
    await ida.context.close()
  })

  test('a second passkey of one device is refused by the browser, and the page says so', async () => {
    const jan = await visitWithPasskey('jan')
    await jan.tab.goto(at(`${security}/passkeys/add`))
    await jan.tab.click('[data-passkey] button')
    await shows(jan, 'This device holds a passkey for this account already')
    expect((await place.store.passkeys.listOf(jan.userId))?.passkeys).toHaveLength(1)
    await jan.context.close()
  })

  test('a passkey is the second step after the password, and confirms later', async () => {
    const lea = await visitWithPasskey('lea')
    await signOut(lea)
    await lea.tab.addInitScript('delete PublicKeyCredential.isConditionalMediationAvailable')
    await typePassword(lea)
    await shows(lea, 'Confirm with your passkey')
    // Nothing is open before the second step.
    expect((await lea.context.cookies()).map(({ name }) => name)).toEqual(['cs-b'])
    await lea.tab.click('[data-passkey] button')
    await shows(lea, 'Last used')
    expect(await lastSession(lea)).toMatchObject({ acr: '2', amr: ['pwd', 'swk', 'user', 'mfa'] })
    await lea.tab.goto(at(`/confirm/passkey?why=passkeys&return_to=${security}/passkeys/add`))
    await shows(lea, 'You are signed in as lea')
    await lea.tab.click('[data-passkey] button')
    await shows(lea, 'Create the passkey')
    expect(await lastSession(lea)).toMatchObject({ acr: '2', amr: ['swk', 'user', 'mfa'] })
    await lea.context.close()
  })

  test('a passkey gets another name', async () => {
    const kim = await visitWithPasskey('kim')
    await kim.tab.click('.things a[href*="/rename"]')
    await kim.tab.fill('#name', ' Work laptop ')
    await kim.tab.click('form[action$="/rename"] button.first')
    await shows(kim, 'Work laptop has its new name')
    const list = await place.store.passkeys.listOf(kim.userId)
    expect(list?.passkeys.map(({ name }) => name)).toEqual(['Work laptop'])
    await kim.context.close()
  })
})
