import { formOf, type Browser, type Page } from '../sessions/browser.ts'
import { password } from '../sessions/place.ts'

type Fields = Readonly<Record<string, string>>

/** Sends the form of the sign-up page. */
export async function signUp(browser: Browser, address: string, more: Fields = {}): Promise<Page> {
  const form = formOf(await browser.get('/sign-up'))
  return browser.post('/sign-up', { form, username: address, new_password: password, ...more })
}

/** Sends the form of the page that asks for a new password. */
export async function askReset(browser: Browser, username: string, more: Fields = {}) {
  const form = formOf(await browser.get('/reset'))
  return browser.post('/reset', { form, username, ...more })
}

/** Opens a page with a secret in its address, and sends its form. */
export async function sendStep(browser: Browser, at: string, fields: Fields): Promise<Page> {
  const page = await browser.get(at)
  return browser.post(pathOf(at), { form: formOf(page), ...secretsOf(at), ...fields })
}

/** Types a code on the page that a browser is at. */
export function typeCode(browser: Browser, at: string, code: string): Promise<Page> {
  return sendStep(browser, at, { code })
}

function pathOf(at: string): string {
  return at.includes('?') ? at.slice(0, at.indexOf('?')) : at
}

/** The secrets in an address, as its page puts them into the form. */
export function secretsOf(at: string): Fields {
  const query = new URLSearchParams(at.slice(at.indexOf('?')))
  return Object.fromEntries(
    ['flow', 'link'].flatMap((name) => {
      const value = query.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

export async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await browser.get('/session/check')).status === 204
}

/** The parts of an answer that a stranger can compare. */
export function shapeOf({ status, headers, location, cookies }: Page) {
  return { status, cookies, headers: [...headers.keys()], length: location?.length }
}

/** A page without the values of its browser and without the address. */
export function plainPage(page: Page | undefined): string {
  return (page?.text ?? '')
    .replaceAll(/value="[\w-]{43}"/g, '')
    .replaceAll(/<bdi>[^<]*@[^<]*<\/bdi>/g, '')
}
