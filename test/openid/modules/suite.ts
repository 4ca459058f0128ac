import { type Browser, type Page } from '../../sessions/browser.ts'
import { password } from '../../sessions/place.ts'
import { follow, openWorld, postToken, type App, type World } from '../world.ts'
import { formsOf, sendForm } from './forms.ts'

export const issuer = 'https://id.example'
const callback = 'https://suite.example/test/a/us/callback'

export type Fields = Readonly<Record<string, string>>
export type Reply = Awaited<ReturnType<typeof postToken>>

/** An app of the suite and its only redirect URI. */
export interface SuiteApp extends App {
  readonly redirectUri: string
  readonly secret: string
}

/** The provider under test, as one plan sees it. */
export interface Suite {
  readonly responseMode: 'query' | 'form_post'
  readonly world: World
  readonly first: SuiteApp
  readonly second: SuiteApp
  /** Opens a path of the provider, from outside of its pages. */
  readonly call: (path: string, init?: RequestInit) => Promise<Response>
  readonly fresh: () => Browser
  /** The path of a request. A field with an empty value is left out. */
  readonly path: (app: SuiteApp, fields?: Fields) => string
  /** Opens a request, and does all that its pages ask for. */
  readonly visit: (browser: Browser, app: SuiteApp, fields?: Fields) => Promise<Visit>
  /** Does all that a page and the pages after it ask for. */
  readonly finish: (browser: Browser, page: Page) => Promise<Visit>
  readonly exchange: (app: SuiteApp, code: string, fields?: Fields) => Promise<Reply>
}

/** The way of a browser through one request. */
export interface Visit {
  /** The pages that asked for something. */
  readonly asked: readonly ('sign-in' | 'consent')[]
  /** The parameters at the redirect URI; absent where the provider stayed on a page of its own. */
  readonly answer?: URLSearchParams
  readonly target: string
  readonly page: Page
}

/** Opens the provider with the apps and the user that the plans need. */
export async function openSuite(responseMode: Suite['responseMode']): Promise<Suite> {
  const world = await openWorld('sqlite', issuer)
  await world.place.addUser(['ann', 'ann@example.org'], { profile: person, isVerified: true })
  const [first, second] = [
    await addApp(world, 'first', callback),
    await addApp(world, 'second', `${callback}?dummy1=lorem&dummy2=ipsum`),
  ]
  const path: Suite['path'] = (app, fields) =>
    requestPath(app, { ...modeOf(responseMode), ...fields })
  const finish: Suite['finish'] = (browser, page) => answerPages(browser, page)
  return {
    responseMode,
    world,
    first,
    second,
    call: (at, init) => fetch(world.node.origin + at, { redirect: 'manual', ...init }),
    fresh: world.fresh,
    path,
    finish,
    visit: async (browser, app, fields) => finish(browser, await browser.get(path(app, fields))),
    exchange: (app, code, fields = {}) => {
      const { redirectUri } = app
      const all = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...fields }
      return postToken(world.node, app, all)
    },
  }
}

function modeOf(responseMode: Suite['responseMode']): Fields {
  return responseMode === 'query' ? {} : { response_mode: responseMode }
}

const person = {
  name: 'Ann Wren',
  given_name: 'Ann',
  family_name: 'Wren',
  middle_name: 'Bea',
  nickname: 'Annie',
  profile: 'https://ann.example/',
  picture: 'https://ann.example/ann.png',
  website: 'https://ann.example/',
  gender: 'female',
  birthdate: '1990-02-03',
  zoneinfo: 'Europe/Berlin',
  locale: 'en-GB',
  phone_number: '+493012345',
  address: { street_address: '1 Main Street', locality: 'Berlin', country: 'DE' },
}

/** Some modules of the plans send neither a challenge nor a nonce. */
async function addApp(world: World, id: string, redirectUri: string): Promise<SuiteApp> {
  const signIn = {
    name: `The ${id} app`,
    redirectUris: [redirectUri],
    pkce: 'optionalUnsafe',
    refresh: 'onRequest',
  } as const
  const app = await world.addApp({ id, signIn })
  const pair = Buffer.from(app.authorization.slice('Basic '.length), 'base64').toString()
  return { ...app, redirectUri, secret: pair.slice(id.length + 1) }
}

function requestPath({ id, redirectUri }: SuiteApp, fields: Fields): string {
  const all: Fields = {
    client_id: id,
    redirect_uri: redirectUri,
    scope: 'openid',
    state: 'state-1',
    nonce: 'nonce-1',
    response_type: 'code',
    ...fields,
  }
  const present = Object.entries(all).filter(([, value]) => value !== '')
  return `/oauth2/authorize?${new URLSearchParams(present).toString()}`
}

async function answerPages(browser: Browser, start: Page): Promise<Visit> {
  const asked: Visit['asked'][number][] = []
  let page = await follow(browser, start)
  for (let step = 0; step < 4; step += 1) {
    if (page.text.includes('name="password"')) {
      asked.push('sign-in')
      page = await sendForm(browser, page, 'password', { username: 'ann', password })
    } else if (page.text.includes('action="/oauth2/authorize/continue"')) {
      asked.push('consent')
      page = await sendForm(browser, page, 'flow', { answer: 'allow' })
    } else break
    page = await follow(browser, page)
  }
  return { asked, page, ...answerIn(page) }
}

/** Reads the answer from a redirect, or from the form that a page sends. */
function answerIn(page: Page): Pick<Visit, 'answer' | 'target'> {
  if (page.location !== null) {
    const { origin, pathname, searchParams } = new URL(page.location, issuer)
    return { answer: searchParams, target: origin + pathname }
  }
  const form = formsOf(page).find(({ action }) => action.startsWith('https://suite.example/'))
  return form === undefined
    ? { target: '' }
    : { answer: new URLSearchParams(form.fields), target: form.action }
}
