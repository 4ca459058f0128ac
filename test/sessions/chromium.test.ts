import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  findChromium,
  launchChromium,
  type Browser,
  type BrowserContext,
  type Tab,
} from '../pages/browser.ts'
import { openPlace, password, type Node, type Place } from './place.ts'
import { startExample, type ExampleApp } from './start-example.ts'

const chromium = findChromium(process.env)
const about = chromium === undefined ? ' (skipped: no Chromium on the PATH or in CHROMIUM)' : ''

/** Units: seconds. Half of it is one period, in real time. */
const tokenTtlSeconds = 4

describe.skipIf(chromium === undefined)(`sessions in a browser${about}`, () => {
  let place: Place
  let node: Node
  let app: ExampleApp
  let browser: Browser
  beforeAll(async () => {
    place = await openPlace({ tokenTtlSeconds })
    node = await place.startNode()
    app = await startExample(place, node)
    browser = await launchChromium(chromium ?? '')
    await place.addUser('ann')
  })
  afterAll(async () => {
    await browser?.close()
    app?.stop()
    await place?.close()
  })

  /** Opens a tab, and keeps all that the console says and all addresses that are asked for. */
  async function openTab(context: BrowserContext) {
    const tab = await context.newPage()
    const lines: string[] = []
    const urls: string[] = []
    tab.on('console', (line) => lines.push(line.text()))
    tab.on('request', (request) => urls.push(request.url()))
    return { tab, lines, urls }
  }

  async function fillIn(tab: Tab): Promise<void> {
    await tab.fill('#username', 'ann')
    await tab.fill('#password', password)
    await tab.click('form[action="/sign-in"] button.first')
    await tab.waitForURL(`${app.origin}/orders`)
  }

  const textOf = (tab: Tab) => tab.evaluate<string>('document.body.innerText')

  test.each([true, false])(
    'the whole way from the app to the sign-in page and out again, with scripts %s',
    async (javaScriptEnabled) => {
      const context = await browser.newContext({ javaScriptEnabled })
      const { tab, lines, urls } = await openTab(context)
      await tab.goto(`${app.origin}/orders`)
      expect(tab.url()).toBe(`${app.origin}/sign-in?return_to=/orders`)
      await fillIn(tab)
      expect(await textOf(tab)).toContain('the orders of')
      expect(await tab.evaluate('document.cookie')).toBe('')
      await tab.click('a')
      await tab.click('form[action="/sign-out"] button')
      await vi.waitFor(async () => expect(await textOf(tab)).toContain('You are signed out'), {
        timeout: 5_000,
        interval: 50,
      })
      await tab.goto(`${app.origin}/orders`)
      expect(tab.url()).toBe(`${app.origin}/sign-in?return_to=/orders`)
      await context.close()
      // No refusal of the policy, and no secret in an address.
      expect(lines.filter((line) => /policy|violat|refused/iu.test(line))).toEqual([])
      expect(lines.join()).toContain('Cleared data types: "cache"')
      expect(urls.join(' ')).not.toMatch(/token|cs-|password|form=/u)
    },
  )

  test('five tabs with eight requests each go on through three periods, with one rotation a period', async () => {
    const context = await browser.newContext({})
    const { tab } = await openTab(context)
    await tab.goto(`${app.origin}/orders`)
    await fillIn(tab)
    const tabs = [tab]
    for (let more = 0; more < 4; more += 1) {
      const next = await openTab(context)
      await next.tab.goto(`${app.origin}/orders`)
      tabs.push(next.tab)
    }
    const rotations = async () =>
      (await place.store.audit.list(0, 100_000)).filter(
        ({ event }) => event.event === 'refresh_rotated',
      ).length
    const before = await rotations()
    const begin = performance.now()
    const answers = new Set<string>()
    const eight = `Promise.all(Array.from({ length: 8 }, async () => {
      const check = await fetch('/session/check')
      const orders = await fetch('/orders')
      return check.status + ' ' + orders.status + ' ' + orders.url
    }))`
    while (performance.now() - begin < tokenTtlSeconds * 1_500) {
      const rounds = await Promise.all(tabs.map((each) => each.evaluate<string[]>(eight)))
      for (const answer of rounds.flat()) answers.add(answer)
    }
    const periods = (performance.now() - begin) / (tokenTtlSeconds * 500)
    await context.close()
    expect([...answers]).toEqual([`204 200 ${app.origin}/orders`])
    const rotated = (await rotations()) - before
    expect(rotated).toBeGreaterThanOrEqual(2)
    expect(rotated).toBeLessThanOrEqual(Math.ceil(periods))
  })
})
