import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { english } from '../../packages/server/src/pages/english.ts'
import type { UserId } from '../../packages/server/src/store/port/user-records.ts'
import { count } from '../counts.ts'
import { findChromium, launchChromium } from '../pages/browser.ts'
import { addAuthenticator } from '../passkeys/virtual-authenticator.ts'
import { codeOf, secretOf } from '../sessions/enrol.ts'
import { audience, password, type Mail } from '../sessions/place.ts'
import { openStage, type Stage } from './open-stage.ts'
import { openDevice, type Device } from './person.ts'

const chromium = findChromium(process.env)
const about = chromium === undefined ? ' (skipped: no Chromium on the PATH or in CHROMIUM)' : ''

/** Units: seconds. Half of it is one period, in real time. */
const tokenTtlSeconds = count({ short: 6, long: 60 })
const address = 'wren@example.org'
const otherPassword = 'other ordinary words here'
const operator = { requestId: 'operator', address: null, actor: 'operator' }
const second = { timeout: 1_000, interval: 10 }
const security = '/account/security'

const places = [
  { on: 'sqlite', nodes: 1 },
  { on: 'postgres', nodes: 2 },
] as const

describe.skipIf(chromium === undefined).each(places)(
  `the story of an account on $on with $nodes nodes${about}`,
  ({ on, nodes }) => {
    let stage: Stage
    let browser: Browser
    let laptop: Device
    let phone: Device
    let userId: UserId
    let codeAt: (moment: number) => string
    let recoveryCode: string
    const secrets: (string | null)[] = [password, otherPassword]

    beforeAll(async () => {
      stage = await openStage({ on, nodes, tokenTtlSeconds })
      browser = await launchChromium(chromium ?? '')
      laptop = await openDevice(browser, stage.origin)
      phone = await openDevice(browser, stage.origin)
      await laptop.goTo('/about')
      await addAuthenticator(laptop.context, laptop.tab)
    })
    afterAll(async () => {
      await browser?.close()
      await stage?.close()
    })

    const setRoles = (roles: readonly string[]) =>
      stage.place.store.users.setAccess(userId, { audience, scopes: ['read'], roles }, operator)

    /** Gives the next mail to the person that has a code or a link of this kind. */
    async function mailWith(has: (mail: Mail) => boolean): Promise<Mail> {
      const mail = await stage.place.mailTo(address)
      const query = new URL(mail.link, stage.origin).searchParams
      secrets.push(...[mail.code, query.get('link'), query.get('ticket')].filter((text) => !!text))
      return has(mail) ? mail : mailWith(has)
    }

    async function typeSignIn(device: Device, typed: string): Promise<void> {
      await device.goTo('/sign-in?return_to=/orders')
      await device.send('/sign-in', { username: address, password: typed })
    }

    /** Asks the application with the access token of a browser, as a thief of the token does. */
    async function statusWith(token: string, path = '/orders'): Promise<number> {
      const headers = { cookie: `cs=${token}` }
      return (await fetch(stage.origin + path, { headers, redirect: 'manual' })).status
    }

    /** Waits until the guard refuses a token that it admitted, and says why. It has one second. */
    async function refusalWithinSecond(token: string, path = '/orders'): Promise<unknown> {
      const before = stage.refusals.length
      await vi.waitFor(async () => expect(await statusWith(token, path)).toBe(303), second)
      return stage.refusals[before]
    }

    test('signs up on a laptop, and verifies by the typed code on a phone', async () => {
      await laptop.goTo('/sign-up?return_to=/about')
      await laptop.send('/sign-up', {
        username: address,
        'new-password': 'the words of a stranger',
      })
      await laptop.shows(english.checkMail)
      const { link, code } = await mailWith((mail) => mail.code !== '')
      await phone.goTo(link)
      await phone.send('/verify', { code })
      await phone.shows(english.newPasswordFirst)
      await phone.send('/new-password', { 'new-password': password })
      await phone.isAt('/about')
      const facts = await stage.place.store.users.findByName(address as never)
      expect(facts?.user.status).toBe('active')
      userId = facts?.user.id ?? ('' as UserId)
      await setRoles(['editor'])
    })

    test('signs in on the laptop, and adds the passkey that is offered', async () => {
      await laptop.goTo('/orders')
      await laptop.isAt('/sign-in')
      await laptop.tab.fill('#username', address)
      await laptop.tab.fill('#password', password)
      const hint = () => laptop.tab.evaluate('document.getElementById("passkeys").value')
      await expect.poll(hint, { timeout: 10_000 }).toBe('yes')
      await laptop.send('/sign-in')
      await laptop.shows(english.passkeyOffer)
      await laptop.tab.click('[data-passkey] button')
      await laptop.shows('the orders')
      expect((await stage.place.store.users.factors(userId)).passkeys).toBe(1)
    })

    test('adds a code app, and gets recovery codes', async () => {
      await laptop.goTo(`${security}/app-code`)
      const key = await laptop.tab.textContent('code.key')
      const secret = secretOf(key ?? '')
      codeAt = (moment) => codeOf(secret, moment)
      await laptop.send(`${security}/app-code`, { code: codeAt(stage.place.now()) })
      await laptop.shows(english.factorTurnedOn)
      const codes = await laptop.tab.locator('.codes code').allTextContents()
      expect(codes).toHaveLength(10)
      recoveryCode = codes[0] ?? ''
      secrets.push(key ?? '', ...codes)
      expect(await stage.place.store.users.factors(userId)).toMatchObject({
        hasTotp: true,
        recoveryCodesLeft: 10,
        passkeys: 1,
      })
    })

    test('opens the application in five tabs, and is never signed out while tokens renew', async () => {
      const tabs = [laptop.tab]
      while (tabs.length < 5) tabs.push(await laptop.context.newPage())
      await Promise.all(tabs.map((tab) => tab.goto(`${stage.origin}/orders`)))
      const eight = `Promise.all(Array.from({ length: 8 }, async (_, at) => {
        if (at % 2 === 0) await fetch('/session/check')
        const { status, url } = await fetch('/orders')
        return status + ' ' + url
      }))`
      const answers = new Set<string>()
      const countOf = async (name: 'refresh_rotated' | 'refresh_replayed') =>
        (await stage.place.store.audit.list(0, 100_000)).filter(({ event }) => event.event === name)
          .length
      const before = await countOf('refresh_rotated')
      const begin = performance.now()
      while (performance.now() - begin < tokenTtlSeconds * 1_200) {
        const rounds = await Promise.all(tabs.map((tab) => tab.evaluate<string[]>(eight)))
        for (const answer of rounds.flat()) answers.add(answer)
      }
      const periods = (performance.now() - begin) / (tokenTtlSeconds * 500)
      expect([...answers]).toEqual([`200 ${stage.origin}/orders`])
      expect(await countOf('refresh_replayed')).toBe(0)
      const rotated = (await countOf('refresh_rotated')) - before
      expect(rotated).toBeGreaterThanOrEqual(2)
      expect(rotated).toBeLessThanOrEqual(Math.ceil(periods))
      for (const tab of tabs.slice(1)) await tab.close()
    }, 300_000)

    test('opens five tabs at once after the access token has expired: each shows the application', async () => {
      const tabs = await Promise.all(Array.from({ length: 5 }, () => laptop.context.newPage()))
      for (let round = 0; round < count({ short: 3, long: 30 }); round += 1) {
        await laptop.context.clearCookies({ name: 'cs' })
        await Promise.all(tabs.map((tab) => tab.goto(`${stage.origin}/orders`)))
        // Some were led through a page that goes on by itself.
        await Promise.all(tabs.map((tab) => tab.waitForURL(`${stage.origin}/orders`)))
        for (const tab of tabs) expect(await tab.textContent('body')).toBe('the orders')
      }
      for (const tab of tabs) await tab.close()
      await laptop.tab.bringToFront()
    }, 300_000)

    test('loses the role: the next request within a second is claims_stale, then it is 403', async () => {
      await laptop.renew()
      expect(await laptop.ask('/stock')).toBe(200)
      const token = await laptop.accessToken()
      expect(await statusWith(token, '/stock')).toBe(200)
      expect(await setRoles([])).toBe('changed')
      expect(await refusalWithinSecond(token, '/stock')).toBe('claims_stale')
      // The sign-in page renews the session and leads back.
      await laptop.ask('/stock')
      await expect.poll(() => laptop.ask('/stock'), { timeout: 5_000 }).toBe(403)
      expect(stage.refusals.at(-1)).toBe('insufficient_role')
      expect(await laptop.ask('/orders')).toBe(200)
    })

    test('confirms on the phone with a code, and ends that session from the laptop within a second', async () => {
      await phone.goTo('/account/devices')
      await phone.isAt('/confirm')
      await phone.send('/confirm', { password, code: codeAt(stage.place.now() + 30) })
      await phone.isAt('/account/devices')
      await laptop.goTo('/account/devices')
      expect(await phone.ask('/orders')).toBe(200)
      await phone.renew()
      const token = await phone.accessToken()
      expect(await statusWith(token)).toBe(200)
      await laptop.tab.click('form[action="/account/devices/end"] button')
      await laptop.shows(english.accountDeviceEnded)
      expect(await refusalWithinSecond(token)).toBe('revoked')
      expect(await phone.ask('/orders')).toBe('/sign-in')
      expect(await laptop.ask('/orders')).toBe(200)
    })

    test('resets the password by mail on the phone: the second factor stays, and the laptop is signed out', async () => {
      await phone.goTo('/reset?return_to=/orders')
      await phone.send('/reset', { username: address })
      const { code } = await mailWith((mail) => mail.code !== '')
      await phone.send('/reset/code', { code })
      await phone.shows(english.newPasswordReset)
      await laptop.renew()
      const token = await laptop.accessToken()
      await phone.send('/new-password', { 'new-password': otherPassword })
      await phone.isAt('/sign-in/second-factor')
      expect(await refusalWithinSecond(token)).toBe('revoked')
      expect(await phone.ask('/orders')).toBe('/sign-in')
      await phone.goTo('/sign-in/second-factor?way=recovery')
      await phone.send('/sign-in/second-factor', { code: recoveryCode })
      await phone.shows(english.passwordSaved)
      await phone.tab.click('a.btn.first')
      await phone.shows('the orders')
      const tablet = await openDevice(browser, stage.origin)
      await typeSignIn(tablet, password)
      await tablet.shows(english.notProven)
      await tablet.context.close()
    })

    test('asks for the deletion, and keeps the account by the link of the mail', async () => {
      await phone.goTo('/account/data/delete')
      await phone.tab.click('form[action="/account/data/delete"] button.danger')
      await phone.shows(english.accountDeletedOn)
      const { link } = await mailWith((mail) => mail.link.startsWith('/account/keep?'))
      await laptop.goTo(link)
      await laptop.send('/account/keep')
      await laptop.shows(english.accountKept)
      await phone.goTo(security)
      await phone.shows(english.passkeys)
      expect((await stage.place.store.users.find(userId))?.eraseAt).toBeUndefined()
    })

    test('deletes the account at once: tokens die within a second, and the name is not free', async () => {
      await phone.goTo('/account/data/delete')
      await phone.tab.check('#sure')
      await phone.renew()
      const token = await phone.accessToken()
      expect(await statusWith(token)).toBe(200)
      await phone.tab.click('form[action="/account/data/delete"] button.ends')
      await phone.shows(english.accountErased)
      expect(await refusalWithinSecond(token)).toBe('revoked')
      expect(await phone.context.cookies()).toEqual([])
      await typeSignIn(phone, otherPassword)
      await phone.shows(english.notProven)
      await expect(stage.place.addUser(address)).rejects.toThrow('name_taken')
      await laptop.goTo('/sign-up')
      await laptop.send('/sign-up', { username: address, 'new-password': password })
      await laptop.shows(english.checkMail)
      expect(await stage.place.store.users.findByName(address as never)).toBeUndefined()
    })

    test('leaves no secret in addresses and logs, and no page broke its policy', async () => {
      const lines = [...laptop.lines, ...phone.lines]
      const urls = [...laptop.urls, ...phone.urls].join('\n')
      expect(lines.filter((line) => /policy|violat|refused to/iu.test(line))).toEqual([])
      expect(urls).not.toMatch(/eyJ|cs-r|cs_/u)
      for (const secret of secrets) expect(stage.place.logged()).not.toContain(secret)
      expect(await laptop.tab.evaluate('document.cookie')).toBe('')
    })
  },
)
