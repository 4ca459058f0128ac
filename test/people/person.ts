import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

const patient = { timeout: 20_000, interval: 20 }

/** A browser of a person: one tab for the pages of the service, and one whose scripts ask the application. */
export interface Device {
  readonly context: BrowserContext
  readonly tab: Page
  readonly goTo: (path: string) => Promise<unknown>
  /** Fills fields, given by their ids, and sends the form of a path. */
  readonly send: (action: string, fields?: Readonly<Record<string, string>>) => Promise<void>
  /** Waits until the tab shows a text. A value in it, `{…}`, may be anything. */
  readonly shows: (text: string) => Promise<void>
  /** Waits until the tab is at a path. */
  readonly isAt: (path: string) => Promise<void>
  /** Asks by a script. Gives the status, or the path of the page that the answer led to. */
  readonly ask: (path: string) => Promise<number | string>
  /** Gets a new access token, so that it is good for its whole life from now on. */
  readonly renew: () => Promise<void>
  /** The cookie of the access token. */
  readonly accessToken: () => Promise<string>
  /** All lines of the console, and all addresses that were asked for. */
  readonly lines: readonly string[]
  readonly urls: readonly string[]
}

export async function openDevice(browser: Browser, origin: string): Promise<Device> {
  const context = await browser.newContext({})
  context.setDefaultTimeout(patient.timeout)
  const lines: string[] = []
  const urls: string[] = []
  context.on('console', (line) => lines.push(line.text()))
  context.on('request', (request) => urls.push(request.url()))
  const app = await context.newPage()
  await app.goto(`${origin}/about`)
  // The last one is in front, as a page that asks for a passkey must be.
  const tab = await context.newPage()
  const textOf = () => tab.evaluate<string>('document.body.innerText')
  return {
    context,
    tab,
    goTo: (path) => tab.goto(origin + path),
    async send(action, fields = {}) {
      for (const [id, value] of Object.entries(fields)) await tab.fill(`#${id}`, value)
      await tab.click(`form[action="${action}"] button.first`)
    },
    async shows(text) {
      const parts = text.split(/\{\w+\}/u)
      const otherText = async () => {
        const found = await textOf().catch(() => 'no page yet')
        return parts.every((part) => found.includes(part)) ? '' : found
      }
      await expect.poll(otherText, { ...patient, message: text }).toBe('')
    },
    async isAt(path) {
      await expect.poll(() => new URL(tab.url()).pathname, patient).toBe(path)
    },
    ask: (path) =>
      app.evaluate<number | string>(`fetch('${path}').then(({ status, url }) => {
        const at = new URL(url).pathname
        return at === '${path}' ? status : at
      })`),
    async renew() {
      const asked = `fetch('/session/renew', { method: 'POST' }).then(({ status }) => status)`
      expect(await app.evaluate(asked)).toBe(200)
    },
    async accessToken() {
      return (await context.cookies()).find(({ name }) => name === 'cs')?.value ?? ''
    },
    lines,
    urls,
  }
}
