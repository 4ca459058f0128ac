import { createHash, randomBytes } from 'node:crypto'
import {
  generateClientSecret,
  hashGenerated,
} from '../../packages/server/src/clients/generated-secret.ts'
import type { ClientSignIn } from '../../packages/server/src/store/port/client-sign-in.ts'
import type { ClientRecord } from '../../packages/server/src/store/port/records.ts'
import { formOf, openBrowser, type Browser, type Page } from '../sessions/browser.ts'
import { audience, openPlace, password, type Node, type Place } from '../sessions/place.ts'
import { randomId } from '../store/ids.ts'
import { aClient, context } from '../store/records.ts'

export const redirectUri = 'https://desk.example/cb'

/** An issuer with users and an app, `orders`. */
export interface World {
  readonly place: Place
  readonly node: Node
  readonly fresh: () => Browser
  readonly addApp: (app: NewApp) => Promise<App>
  readonly ordersApp: App
  readonly close: () => Promise<void>
}

export interface NewApp {
  readonly id: string
  readonly signIn?: Partial<ClientSignIn>
  readonly record?: Partial<ClientRecord>
}

export interface App {
  readonly id: string
  readonly authorization: string
}

type Fields = Readonly<Record<string, string>>

export async function openWorld(
  on: 'sqlite' | 'postgres' = 'sqlite',
  issuer?: string,
): Promise<World> {
  const place = await openPlace({ on, ...(issuer !== undefined && { issuer }) })
  const node = await place.startNode()
  const addApp = async ({ id, signIn, record }: NewApp): Promise<App> => {
    const secret = generateClientSecret(randomBytes)
    const hash = hashGenerated(secret, await place.secret('client-secret-hash'))
    const client: ClientRecord = {
      ...aClient,
      id,
      internalId: randomId(),
      secrets: [{ id: randomId(), form: 'generated', hash, createdAt: place.now() }],
      grantTypes: ['authorization_code', 'refresh_token'],
      access: [{ audience, scopes: ['read', 'write'] }],
      signIn: {
        name: 'Orders Desk',
        redirectUris: [redirectUri],
        postLogoutRedirectUris: [],
        idTokenAlg: 'RS256',
        userinfoSignedAlg: 'plain',
        pkce: 'required',
        consent: 'ask',
        refresh: 'always',
        ...signIn,
      },
      ...record,
    }
    const added = await place.store.clients.add(client, context)
    if (added !== 'added') throw new Error(added)
    return { id, authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
  }
  const ordersApp = await addApp({ id: 'desk' })
  return {
    place,
    node,
    addApp,
    ordersApp,
    fresh: () => openBrowser(node.origin),
    close: place.close,
  }
}

export const verifier = 'v'.repeat(43)
export const challenge = createHash('sha256').update(verifier).digest('base64url')

/** The path of a plain authorization request. A field with an empty value is left out. */
export function authorizePath(fields: Fields = {}): string {
  const all: Fields = {
    response_type: 'code',
    client_id: 'desk',
    redirect_uri: redirectUri,
    scope: 'openid profile',
    state: 'xyz',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...fields,
  }
  const present = Object.entries(all).filter(([, value]) => value !== '')
  return `/oauth2/authorize?${new URLSearchParams(present).toString()}`
}

/** Follows the redirects of a page as long as they stay on this site. */
export async function follow(browser: Browser, page: Page): Promise<Page> {
  let at = page
  while (at.status === 303 && at.location?.startsWith('/') === true)
    at = await browser.get(at.location)
  return at
}

/** Fills the sign-in page that a request led to. */
export function signInOn(browser: Browser, page: Page, username = 'ann'): Promise<Page> {
  const fields = { form: formOf(page), return_to: hidden(page, 'return_to'), username, password }
  return browser.post('/sign-in', fields)
}

/** Answers the question for consent. */
export function answerConsent(
  browser: Browser,
  page: Page,
  answer: 'allow' | 'cancel' = 'allow',
): Promise<Page> {
  const { text } = page
  const form = text.slice(text.indexOf('action="/oauth2/authorize/continue"'))
  const fields = { form: hiddenIn(form, 'form'), flow: hiddenIn(form, 'flow'), answer }
  return browser.post('/oauth2/authorize/continue', fields)
}

/** Signs in, agrees, and gives the answer that the app gets. */
export async function authorize(browser: Browser, fields: Fields = {}): Promise<URLSearchParams> {
  let page = await follow(browser, await browser.get(authorizePath(fields)))
  if (page.text.includes('name="password"'))
    page = await follow(browser, await signInOn(browser, page))
  if (page.text.includes('name="answer"')) page = await answerConsent(browser, page)
  return answerOf(page)
}

/** The parameters that went back to the app. */
export function answerOf(page: Page): URLSearchParams {
  if (page.location === null || page.location.startsWith('/'))
    throw new Error(`no answer went back to the app: ${page.status} ${page.location}`)
  return new URL(page.location).searchParams
}

export function hidden({ text }: Page, name: string): string {
  return hiddenIn(text, name)
}

function hiddenIn(text: string, name: string): string {
  const begin = `name="${name}" value="`
  const at = text.indexOf(begin)
  if (at === -1) throw new Error(`the page has no field ${name}`)
  return decode(text.slice(at + begin.length, text.indexOf('"', at + begin.length)))
}

function decode(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')
}

/** Exchanges a code. A field with an empty value is left out. */
export async function exchange(
  { node }: Pick<World, 'node'>,
  app: App,
  code: string,
  fields: Fields = {},
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const all: Fields = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...fields,
  }
  return postToken(node, app, all)
}

export async function postToken(node: Node, app: App, fields: Fields) {
  const present = Object.entries(fields).filter(([, value]) => value !== '')
  const reply = await fetch(`${node.origin}/oauth2/token`, {
    method: 'POST',
    headers: app.authorization === '' ? {} : { authorization: app.authorization },
    body: new URLSearchParams(present),
  })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}
