import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { createPages } from '../../packages/server/src/pages/create-pages.ts'
import { english } from '../../packages/server/src/pages/english.ts'
import { german } from '../../packages/server/src/pages/german.ts'
import { chooseLanguage } from '../../packages/server/src/pages/language.ts'
import { createPageLoader } from '../../packages/server/src/pages/load-pages.ts'
import { pageRows, sampleSite } from './page-rows.ts'

const pages = createPages({ site: sampleSite })

/** The text of a page without its markup, its style and its script. */
function textOf(body: string | Uint8Array): string {
  return String(body)
    .replaceAll(/<(style|script)>[\s\S]*?<\/\1>/gu, '')
    .replaceAll(/<[^>]*>/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll('&#39;', "'")
}

function titleOf(body: string | Uint8Array): string | undefined {
  return /<title>([^<]*)<\/title>/u.exec(String(body))?.[1]?.replaceAll(/\s+/gu, ' ').trim()
}

describe('each page in each state', () => {
  test.each(pageRows)('$name answers $status', ({ render, status, title, shows }) => {
    const reply = render(pages, 'en')
    expect(reply.status).toBe(status)
    expect(titleOf(reply.body)).toBe(`${title} – Example ID`)
    for (const text of shows) expect(textOf(reply.body)).toContain(text)
  })

  test.each(pageRows)('$name is German in German', ({ render }) => {
    const reply = render(pages, 'de')
    expect(reply.headers['content-language']).toBe('de')
    expect(String(reply.body)).toContain('<html lang="de" dir="ltr">')
    expect(textOf(reply.body)).toContain('Gesichert mit Countersign')
  })

  test.each(pageRows)('$name has no style or event attribute', ({ render }) => {
    expect(String(render(pages, 'en').body)).not.toMatch(/<[^>]* (?:style|on[a-z]+)=/u)
  })
})

describe('the headers of pages', () => {
  const { headers, body } = pages.signIn({ formValue: 'f' }, 'en')
  const withPasskeys = pages.signIn({ formValue: 'f', takesPasskeys: true }, 'en')
  const inline = (name: string, html = body): string =>
    new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'u').exec(String(html))?.[1] ?? ''
  const hash = (text: string): string =>
    `'sha256-${createHash('sha256').update(text).digest('base64')}'`

  test('the policy allows the inlined style and script by hash, and nothing else', () => {
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src ${hash(inline('style'))}; script-src ${hash(inline('script'))}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    )
  })

  test('only a page with passkeys may fetch from its own origin', () => {
    const script = hash(inline('script', withPasskeys.body))
    expect(withPasskeys.headers['content-security-policy']).toContain(
      `script-src ${script}; connect-src 'self'; form-action 'self'`,
    )
    expect(script).not.toBe(hash(inline('script')))
  })

  test('pages are not stored, not framed, not sniffed and send no referrer to other origins', () => {
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
  })

  test('a page at any address sends no referrer at all', () => {
    const row = pageRows.find(({ name }) => name === 'error-404')
    expect(row?.render(pages, 'en').headers['referrer-policy']).toBe('no-referrer')
  })

  test('the script has at most 3 KB, and the sign-in page at most 14 KB compressed', () => {
    for (const html of [body, withPasskeys.body]) {
      expect(Buffer.byteLength(inline('script', html))).toBeLessThanOrEqual(3 * 1024)
      expect(gzipSync(String(html)).length).toBeLessThanOrEqual(14 * 1024)
    }
  })

  test.each([
    { name: 'throttled', reason: 'throttled', seconds: 39.2, retryAfter: '40' },
    { name: 'queue full', reason: 'queue_full', seconds: 0, retryAfter: '1' },
  ] as const)('$name says when to come back', ({ reason, seconds, retryAfter }) => {
    const reply = pages.signIn({ formValue: 'f', trouble: { reason, seconds } }, 'en')
    expect(reply.headers['retry-after']).toBe(retryAfter)
  })
})

describe('values from outside', () => {
  const hostile = `"'><img src=x onerror=alert(1)>{who}&`
  const escaped = '&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;{who}&amp;'
  const place = { name: hostile, host: hostile }
  const replies = [
    pages.signIn({ formValue: hostile, returnTo: hostile, place, username: hostile }, 'en'),
    pages.signedInAlready({ formValue: hostile, who: hostile, returnTo: hostile, place }, 'en'),
    pages.signedInNow({ returnTo: hostile, place }, 'en'),
    pages.signOut({ formValue: hostile, who: hostile, stayAt: hostile }, 'en'),
    pages.signedOut({ back: { place, address: hostile } }, 'en'),
  ]

  test('are escaped in text and in attributes', () => {
    for (const { body } of replies) {
      expect(String(body)).toContain(escaped)
      expect(String(body)).not.toContain('<img')
    }
  })

  test('are isolated from the direction of the text around them', () => {
    expect(String(replies[1]?.body)).toContain(`signed in as <bdi>${escaped}</bdi>`)
  })
})

describe('the form of the sign-in page', () => {
  const { body: sent } = pages.signIn(
    {
      formValue: 'bound',
      returnTo: '/account',
      username: 'wren',
      keep: true,
      trouble: { reason: 'not_proven' },
    },
    'en',
  )
  const body = String(sent).replaceAll(/\s+/gu, ' ')

  test.each([
    { name: 'posts to its own path', has: '<form method="post" action="/sign-in">' },
    { name: 'keeps the old name', has: 'id="username" name="username" value="wren"' },
    { name: 'offers names and passkeys', has: 'autocomplete="username webauthn"' },
    { name: 'has a password field', has: 'id="password" name="password" type="password"' },
    { name: 'offers saved passwords', has: 'autocomplete="current-password"' },
    { name: 'keeps the tick', has: 'value="yes" aria-describedby="keep-hint" checked' },
    { name: 'holds the bound value', has: 'name="form" value="bound"' },
    { name: 'holds the return target', has: 'name="return_to" value="/account"' },
    { name: 'holds the language', has: 'name="lang" value="en"' },
    { name: 'joins the error to its field', has: 'aria-describedby="password-error"' },
    { name: 'hides the button that needs a script', has: 'hidden > Show </button>' },
  ])('$name', ({ has }) => {
    expect(body).toContain(has)
  })

  test('never holds a longest length or the old password', () => {
    expect(body).not.toContain('maxlength')
    expect(body).not.toMatch(/type="password"[^>]* value=/u)
  })
})

describe('the texts', () => {
  test.each(Object.keys(english) as (keyof typeof english)[])(
    '%s has its values in German',
    (key) => {
      const names = (text: string): readonly string[] =>
        [...text.matchAll(/\{[a-z]+\}/gu)].map(([name]) => name).toSorted()
      expect(names(german[key])).toEqual(names(english[key]))
    },
  )
})

describe('the language of a page', () => {
  test.each([
    { acceptLanguage: undefined, language: 'en' },
    { acceptLanguage: 'de-AT,de;q=0.9,en;q=0.8', language: 'de' },
    { acceptLanguage: 'fr, en;q=0.3, de;q=0.7', language: 'de' },
    { acceptLanguage: 'DE', language: 'de' },
    { acceptLanguage: 'de;q=0', language: 'en' },
    { acceptLanguage: 'de;q=nonsense, en;q=0.1', language: 'en' },
    { acceptLanguage: '*', language: 'en' },
    { acceptLanguage: `de${',x'.repeat(4000)}`, language: 'en' },
    { lang: 'de', acceptLanguage: 'en', language: 'de' },
    { lang: 'xx', acceptLanguage: 'de', language: 'de' },
  ])('is $language for lang=$lang and $acceptLanguage', ({ language, ...wishes }) => {
    expect(chooseLanguage(wishes)).toBe(language)
  })
})

test('the loader makes the pages once', async () => {
  const loadPages = createPageLoader({ site: sampleSite })
  expect(await loadPages()).toBe(await loadPages())
})
