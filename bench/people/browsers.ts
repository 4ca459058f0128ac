import { getRequest, postRequest } from '../method/load.ts'
import type { RunningServer } from '../method/server.ts'
import { peerEmail } from './place.ts'
import type { PeopleServer } from './place.ts'
import { nameOf, peoplePassword } from './seed.ts'

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const ownPage = { 'Sec-Fetch-Site': 'same-origin' }

/** The request that opens the sign-in page in a new browser. */
export function pageRequest({ server }: PeopleServer): string {
  return getRequest('/sign-in', { Host: hostOf(server), Accept: 'text/html' })
}

/** The form of the sign-in page, filled in by a browser of each user. Each may be sent many times. */
export async function signInRequests(
  people: PeopleServer,
  users: number,
): Promise<readonly string[]> {
  const { server, origin } = people
  const page = await fetch(`${origin}/sign-in`)
  const Cookie = cookiesOf(page)
  const value = formValueOf(await page.text())
  return Array.from({ length: users }, (_, user) => {
    const body = signInForm(value, user)
    return postRequest('/sign-in', { Host: hostOf(server), Cookie, ...form, ...ownPage }, body)
  })
}

/** Signs users in, each in a browser of its own, and gives their cookies. */
export async function signInAll(
  { origin }: PeopleServer,
  users: number,
): Promise<readonly string[]> {
  const jars: string[] = []
  for (let user = 0; user < users; user += 1) {
    const page = await fetch(`${origin}/sign-in`)
    const cookie = cookiesOf(page)
    const body = signInForm(formValueOf(await page.text()), user)
    const headers = { ...form, ...ownPage, cookie }
    const init = { method: 'POST', redirect: 'manual', headers, body } as const
    const reply = await fetch(`${origin}/sign-in`, init)
    await reply.arrayBuffer()
    if (reply.status !== 303) throw new Error(`the sign-in answered ${reply.status}`)
    jars.push(merged(cookie, cookiesOf(reply)))
  }
  return jars
}

/** Makes a function that signs in the next user. */
export async function pacedSignIn(
  { origin }: PeopleServer,
  users: number,
): Promise<() => Promise<void>> {
  const page = await fetch(`${origin}/sign-in`)
  const headers = { ...form, ...ownPage, cookie: cookiesOf(page) }
  const value = formValueOf(await page.text())
  let count = 0
  return async () => {
    const body = signInForm(value, count % users)
    count += 1
    const init = { method: 'POST', redirect: 'manual', headers, body } as const
    const reply = await fetch(`${origin}/sign-in`, init)
    await reply.arrayBuffer()
    if (reply.status !== 303) throw new Error(`the sign-in answered ${reply.status}`)
  }
}

/** The request of a proxy that asks for the session of a browser. */
export function sessionCheckRequest({ server }: PeopleServer, jar: string): string {
  return getRequest('/session/check', { Host: hostOf(server), Cookie: jar })
}

/** The sign-in of the one user at the peer. */
export function peerSignInRequest(server: RunningServer): string {
  const headers = { Host: hostOf(server), Origin: `http://${hostOf(server)}` }
  const json = { 'Content-Type': 'application/json' }
  return postRequest('/sign-in/email', { ...headers, ...json }, peerCredentials)
}

/** The session check at the peer, with the cookies of a sign-in. */
export async function peerSessionRequest(server: RunningServer): Promise<string> {
  const origin = `http://${hostOf(server)}`
  const headers = { origin, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: peerCredentials }
  const reply = await fetch(`${origin}/sign-in/email`, init)
  if (reply.status !== 200) throw new Error(`better-auth answered ${reply.status} to a sign-in`)
  return getRequest('/get-session', { Host: hostOf(server), Cookie: cookiesOf(reply) })
}

const peerCredentials = JSON.stringify({ email: peerEmail, password: peoplePassword })

function hostOf({ port }: RunningServer): string {
  return `127.0.0.1:${port}`
}

function signInForm(value: string, user: number): string {
  const fields = { form: value, username: nameOf(user), password: peoplePassword }
  return new URLSearchParams(fields).toString()
}

function cookiesOf(reply: Response): string {
  return reply.headers
    .getSetCookie()
    .map((cookie) => cookie.slice(0, cookie.indexOf(';')))
    .join('; ')
}

/** The cookies of a browser after an answer that sets others. */
function merged(before: string, set: string): string {
  const pairs = [before, set].flatMap((text) => text.split('; '))
  return [...new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair])).values()].join(
    '; ',
  )
}

function formValueOf(page: string): string {
  const begin = 'name="form" value="'
  const at = page.indexOf(begin)
  if (at === -1) throw new Error('the page has no form')
  return page.slice(at + begin.length, page.indexOf('"', at + begin.length))
}
