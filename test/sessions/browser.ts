import { password } from './place.ts'

/** A browser as far as cookies and forms go. */
export interface Browser {
  readonly jar: Map<string, string>
  readonly get: (path: string, headers?: Headers) => Promise<Page>
  /** Sends a form as a page of the same origin would. A header with an empty value is left out. */
  readonly post: (path: string, fields: Fields, headers?: Headers) => Promise<Page>
  /** Opens the sign-in page, fills the form and sends it. */
  readonly signIn: (username: string, more?: Fields) => Promise<Page>
  readonly signOut: () => Promise<Page>
  /** Another one with the same cookies, such as a tab that was asleep. */
  readonly copy: () => Browser
  /** The same one at another address of the same host. */
  readonly at: (origin: string) => Browser
}

type Fields = Readonly<Record<string, string>>
type Headers = Readonly<Record<string, string>>

export interface Page {
  readonly status: number
  readonly headers: globalThis.Headers
  readonly text: string
  readonly location: string | null
  /** The names of the cookies that it sets or deletes. */
  readonly cookies: readonly string[]
  readonly setCookies: readonly string[]
}

export function openBrowser(origin: string, jar = new Map<string, string>()): Browser {
  async function send(path: string, init: RequestInit, headers: Headers): Promise<Page> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(origin + path, {
      ...init,
      redirect: 'manual',
      headers: sent({ accept: 'text/html', cookie, ...headers }),
    })
    const setCookies = reply.headers.getSetCookie()
    for (const text of setCookies) keep(text)
    return {
      status: reply.status,
      headers: reply.headers,
      text: await reply.text(),
      location: reply.headers.get('location'),
      cookies: setCookies.map((text) => text.slice(0, text.indexOf('='))),
      setCookies,
    }
  }

  function keep(text: string): void {
    const [pair = ''] = text.split(';')
    const [name = '', value = ''] = pair.split('=', 2)
    if (text.includes('Max-Age=0')) jar.delete(name)
    else jar.set(name, value)
  }

  const browser: Browser = {
    jar,
    get: (path, headers = {}) => send(path, {}, headers),
    post: (path, fields, headers = {}) =>
      send(
        path,
        { method: 'POST', body: new URLSearchParams(fields).toString() },
        {
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
      ),
    async signIn(username, more = {}) {
      const page = await browser.get('/sign-in')
      return browser.post('/sign-in', { form: formOf(page), username, password, ...more })
    },
    async signOut() {
      return browser.post('/sign-out', { form: formOf(await browser.get('/sign-out')) })
    },
    copy: () => openBrowser(origin, new Map(jar)),
    at: (other) => openBrowser(other, jar),
  }
  return browser
}

/** Leaves out headers without a value. */
function sent(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
}

/** The value that binds the form of a page. */
export function formOf({ text }: Page): string {
  const begin = 'name="form" value="'
  const at = text.indexOf(begin)
  if (at === -1) throw new Error('the page has no form')
  return text.slice(at + begin.length, text.indexOf('"', at + begin.length))
}
