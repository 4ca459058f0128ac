import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devEndpointTable } from '../../packages/server/src/main/table.ts'
import { openBrowser, type Browser, type Page } from '../sessions/browser.ts'
import { openPlace, type Node, type Place } from '../sessions/place.ts'

let place: Place
let node: Node
let browser: Browser
beforeAll(async () => {
  // A name, because an address of numbers has no passkeys. The node has an address of its own.
  place = await openPlace({ issuer: 'http://localhost:3000' })
  node = await place.startNode()
  await place.addUser('ann')
  browser = openBrowser(node.origin)
  await browser.signIn('ann')
})
afterAll(() => place.close())

/** These serve any site: a form of an app begins a sign-in, and a token in the request is the proof. */
const openToSites = new Set(['/oauth2/authorize', '/oauth2/userinfo'])

/** Each route that a form of a page of ours sends to, as the table of endpoints has them. */
const forms = devEndpointTable
  .filter(({ method, needsBrowsers }) => method === 'POST' && needsBrowsers === true)
  .map(({ path }) => path)
  .filter((path) => !openToSites.has(path))

/** The parts of the database that a form could change. */
async function state() {
  const [user] = await place.store.users.list(null, 10)
  if (user === undefined) throw new Error('the user is gone')
  const factors = await place.store.users.factors(user.id)
  const sids = (await place.store.sessions.list(user.id, 10)).map(({ family }) => family.sid)
  return { user, factors, sids, mails: place.mails.length }
}

/** Answers that show a page, refuse, or lead to a page of ours. */
function isRefusal({ status, location }: Page): boolean {
  const leads = status === 303 && /^\/(?:account|sign-in|confirm)[/?]/.test(location ?? '')
  return leads || [200, 400, 403, 404, 410].includes(status)
}

describe('a form of another site', () => {
  const senders = [
    ['says so', { 'sec-fetch-site': 'cross-site' }],
    ['is on the same site', { 'sec-fetch-site': 'same-site' }],
    ['sends its origin alone', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['sends the origin null', { 'sec-fetch-site': '', origin: 'null' }],
    ['sends neither', { 'sec-fetch-site': '' }],
  ] as const

  it.each(forms)('does nothing at %s', async (path) => {
    const before = await state()
    for (const [, headers] of senders) {
      const page = await browser.post(path, { form: 'x', password: 'x' }, headers)
      expect([403, 404, 410, 303]).toContain(page.status)
      expect(page.cookies).toEqual([])
    }
    expect(await state()).toEqual(before)
  })
})

describe('a form without the value of its page', () => {
  // This one is for scripts: it needs no form, and changes nothing but the cookies of its own browser.
  const withValue = forms.filter((path) => path !== '/session/renew')
  it.each(withValue)('does nothing at %s', async (path) => {
    const before = await state()
    const fields = {
      when: 'now',
      sure: 'yes',
      name: 'Other',
      new_password: 'four other words here',
    }
    for (const form of [undefined, '', 'x', 'a'.repeat(43)]) {
      const page = await browser.post(path, form === undefined ? fields : { form, ...fields })
      expect([path, page.status, isRefusal(page)]).toEqual([path, page.status, true])
      expect(page.cookies.filter((name) => name !== 'cs-b')).toEqual([])
    }
    expect(await state()).toEqual(before)
  })
})

describe('a body that is no form of a page', () => {
  const bodies: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['NUL', 'form=a%00b', 'application/x-www-form-urlencoded'],
    ['a lone surrogate', 'form=%ED%A0%80', 'application/x-www-form-urlencoded'],
    ['bytes that are no UTF-8', 'form=%FF', 'application/x-www-form-urlencoded'],
    ['a field twice', 'form=a&form=b', 'application/x-www-form-urlencoded'],
    ['a line break', 'form=a\r\nX: y', 'application/x-www-form-urlencoded'],
    [
      '41 fields',
      Array.from({ length: 41 }, (_, at) => `f${at}=1`).join('&'),
      'application/x-www-form-urlencoded',
    ],
    ['JSON', '{"form":{"$ne":null}}', 'application/json'],
    ['text', 'form=a', 'text/plain'],
    ['parts', '--x\r\n\r\na\r\n--x--', 'multipart/form-data; boundary=x'],
  ]
  const parsed = forms.filter((path) => path !== '/session/renew')

  it.each(parsed)('is 400 at %s', async (path) => {
    const before = await state()
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    for (const [, body, type] of bodies) {
      const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin', cookie }
      const reply = await fetch(node.origin + path, {
        method: 'POST',
        redirect: 'manual',
        body,
        headers,
      })
      expect([type, reply.status]).toEqual([type, 400])
    }
    expect(await state()).toEqual(before)
  })

  it.each(forms)('with lists and objects in its names is nothing at %s', async (path) => {
    const before = await state()
    const fields = { 'form[]': 'a', 'username[$ne]': 'x', __proto__x: 'y', constructor: 'z' }
    expect((await browser.post(path, fields)).status).toBeLessThan(500)
    expect(await state()).toEqual(before)
  })
})
