import type { EpochSeconds } from '@countersign/jwt'
import { expect, test } from 'vitest'
import type { HttpReply, HttpRequest } from '../http/exchange.ts'
import { createBrowserValues } from '../sessions/browser-values.ts'
import { createCookieJar } from '../sessions/cookies.ts'
import { withAccountVisitor, withFreshVisitor, type VisitorServices } from './with-fresh-visitor.ts'

const now = 1_800_000_000 as EpochSeconds
const values = createBrowserValues({
  secret: new Uint8Array(32),
  randomBytes: () => new Uint8Array(32),
})
const admitted: HttpReply = { status: 200, headers: {}, body: '' }
const handle = async () => admitted
const handlers = {
  change: (services: VisitorServices) =>
    withFreshVisitor(services, { why: 'password', returnTo: '/account/security' }, handle),
  look: (services: VisitorServices) => withAccountVisitor(services, handle),
}

interface Facts {
  readonly acr: '1' | '2'
  readonly provenSecondsAgo: number
  readonly hasTotp: boolean
}

/** The services for a browser with this session, or with none. */
function servicesWith(facts: Facts | undefined): VisitorServices {
  const record = facts && { acr: facts.acr, provedAt: now - facts.provenSecondsAgo, userId: 'u1' }
  const factors = {
    hasPassword: true,
    hasTotp: facts?.hasTotp === true,
    recoveryCodesLeft: 0,
    passkeys: 0,
    passkeysWithUv: 0,
  }
  const browserServices = {
    cookies: createCookieJar('http://localhost:8000'),
    values,
    sessions: { find: async () => record && { record } },
    store: { users: { factors: async () => factors } },
  }
  return { browserServices, now: () => now } as unknown as VisitorServices
}

const request = {
  url: '/account/devices?page=2',
  query: 'page=2',
  headers: { cookie: `cs-b=${'b'.repeat(43)}; cs-r=secret` },
} as HttpRequest

const confirmChange = '/confirm?why=password&return_to=%2Faccount%2Fsecurity'
const confirmLook = '/confirm?why=account&return_to=%2Faccount%2Fdevices%3Fpage%3D2'
const old = { acr: '1', provenSecondsAgo: 901, hasTotp: false } as const
const recent = { acr: '1', provenSecondsAgo: 5, hasTotp: false } as const

test.each([
  {
    name: 'a change without a session',
    act: 'change',
    facts: undefined,
    to: '/sign-in?return_to=%2Faccount%2Fsecurity',
  },
  { name: 'a change after a recent proof', act: 'change', facts: recent, to: undefined },
  { name: 'a change after an old proof', act: 'change', facts: old, to: confirmChange },
  {
    name: 'a change by one of two factors',
    act: 'change',
    facts: { ...recent, hasTotp: true },
    to: confirmChange,
  },
  {
    name: 'a change by both factors',
    act: 'change',
    facts: { ...recent, acr: '2', hasTotp: true },
    to: undefined,
  },
  {
    name: 'a look without a session',
    act: 'look',
    facts: undefined,
    to: '/sign-in?return_to=%2Faccount%2Fdevices%3Fpage%3D2',
  },
  { name: 'a look after an old proof', act: 'look', facts: old, to: undefined },
  {
    name: 'a look by one of two factors',
    act: 'look',
    facts: { ...recent, hasTotp: true },
    to: confirmLook,
  },
  {
    name: 'a look by both factors long ago',
    act: 'look',
    facts: { ...old, acr: '2', hasTotp: true },
    to: undefined,
  },
] as const)('$name leads to $to', async ({ act, facts, to }) => {
  const reply = await handlers[act](servicesWith(facts))(request)
  expect(reply.headers['location']).toBe(to)
  expect(reply === admitted).toBe(to === undefined)
})
