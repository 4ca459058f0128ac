import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findChromium, launchChromium, readAxe, type Browser, type Tab } from './browser.ts'
import { exampleTheme } from './example-theme.ts'
import { startPageServer, type PageServer } from './page-server.ts'
import { createWalker, englishTour } from './walk.ts'

const chromium = findChromium(process.env)
const patient = { timeout: 20_000 }
const about = chromium === undefined ? ' (skipped: no Chromium on the PATH or in CHROMIUM)' : ''

describe.skipIf(chromium === undefined)(`pages in a browser${about}`, () => {
  let browser: Browser
  let server: PageServer

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? '')
    server = await startPageServer()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  describe('the example theme', () => {
    test.each([
      { colors: 'light', accent: 'rgb(123, 45, 91)' },
      { colors: 'dark', accent: 'rgb(240, 166, 210)' },
    ] as const)('paints the $colors page, which stays readable', async ({ colors, accent }) => {
      const themed = await startPageServer({ theme: exampleTheme() })
      const looks = englishTour.looks.map((look) => ({ ...look, colors }))
      const walker = await createWalker(browser, themed, readAxe(), { ...englishTour, looks })
      const faults = await walker.visit('sign-in-not-proven')
      const painted = await walker.evaluate(
        'getComputedStyle(document.querySelector(".btn.first")).backgroundColor',
      )
      await walker.close()
      await themed.close()
      expect(faults).toEqual([])
      expect(painted).toBe(accent)
    })
  })

  async function openTab(name: string): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    const tab = await context.newPage()
    await tab.goto(server.addressOf(name, 'en'))
    return tab
  }

  test('the sign-in page needs one request', async () => {
    const context = await browser.newContext({})
    const tab = await context.newPage()
    const urls: string[] = []
    tab.on('request', (request) => urls.push(request.url()))
    await tab.goto(server.addressOf('sign-in', 'en'))
    await context.close()
    expect(urls).toEqual([server.addressOf('sign-in', 'en')])
  })

  test('an error summary takes the focus, and its link leads to the field', async () => {
    const tab = await openTab('sign-in-not-proven')
    expect(await tab.evaluate('document.activeElement.id')).toBe('summary')
    await tab.click('#summary a')
    expect(await tab.evaluate('document.activeElement.id')).toBe('username')
  })

  test('the button shows the password, and sending the form hides it again', async () => {
    const tab = await openTab('sign-in')
    await tab.fill('#username', 'wren@example.com')
    await tab.fill('#password', 'four words are well')
    await tab.click('[data-shows]')
    expect(await tab.evaluate('document.getElementById("password").type')).toBe('text')
    expect(await tab.evaluate('document.querySelector("[data-shows]").textContent')).toBe('Hide')
    await tab.evaluate(
      'document.querySelector("form").addEventListener("submit", (event) => event.preventDefault())',
    )
    await tab.keyboard.press('Enter')
    await tab.click('.btn.first')
    expect(await tab.evaluate('document.getElementById("password").type')).toBe('password')
  })

  test('a wait counts down and says when it is over', async () => {
    const tab = await openTab('sign-in-throttled')
    const said = () => tab.evaluate('document.querySelector("[data-seconds]").textContent')
    await expect.poll(said, patient).toContain('3')
    await tab.evaluate('{ const later = Date.now() + 60_000; Date.now = () => later }')
    await expect.poll(said, patient).toBe('You can try again now.')
    expect(await tab.evaluate('document.querySelector("[data-seconds]").role')).toBe('status')
  })

  test('the page of a browser that is signed in already goes on by itself', async () => {
    const tab = await openTab('signed-in-in-another-tab')
    await expect.poll(() => new URL(tab.url()).hash, patient).toBe('#main')
  })

  test('without a script the form sends all its fields', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const tab = await context.newPage()
    await tab.goto(server.addressOf('sign-in', 'en'))
    await tab.fill('#username', 'wren@example.com')
    await tab.fill('#password', 'four words are well')
    await tab.click('#keep')
    await tab.click('.btn.first')
    await tab.waitForURL(server.addressOf('signed-out', 'en'))
    await context.close()
    // A browser that sends no `Sec-Fetch-Site` is known by it.
    expect(server.origins.at(-1)).toBe(server.origin)
    expect(Object.fromEntries(new URLSearchParams(server.forms.at(-1)))).toEqual({
      form: 'Zm9ybQ',
      lang: 'en',
      return_to: '/account?tab=devices',
      username: 'wren@example.com',
      password: 'four words are well',
      keep: 'yes',
    })
  })

  test('the keys reach everything in the order of the page, with a ring of 3 px', async () => {
    const tab = await openTab('sign-in')
    const reached: unknown[] = []
    for (let count = 0; count < 9; count += 1) {
      await tab.keyboard.press('Tab')
      reached.push(
        await tab.evaluate(
          '(({ id, name, textContent }) => id || name || textContent.trim())(document.activeElement)',
        ),
      )
      const ring = 'getComputedStyle(document.activeElement).outlineWidth'
      expect(await tab.evaluate(ring)).toBe('3px')
    }
    expect(reached).toEqual([
      'Skip to the content',
      'Deutsch',
      'العربية',
      'username',
      'Forgot it?',
      'password',
      'Show',
      'keep',
      'Sign in',
    ])
  })

  test('fields and buttons are 44 px high', async () => {
    const tab = await openTab('sign-in')
    const heights = await tab.evaluate<readonly number[]>(
      '[...document.querySelectorAll(".btn, .field input")].map((one) => one.getBoundingClientRect().height)',
    )
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
  })
})

test('a sign-in page has at most 14 KB compressed', async () => {
  const server = await startPageServer()
  const response = await fetch(server.addressOf('sign-in-not-proven', 'de'))
  const bytes = gzipSync(await response.text()).length
  await server.close()
  expect(bytes).toBeLessThanOrEqual(14 * 1024)
})
