import type { EpochSeconds } from '@countersign/jwt'
import { describe, expect, it } from 'vitest'
import type { ClientRecord, ResourceRecord } from '../store/port/records.ts'
import type { ClientSignIn } from '../store/port/client-sign-in.ts'
import type { UserId } from '../store/port/user-records.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import {
  decideAccess,
  decideConsent,
  type AuthorizationFacts,
  type ConsentFacts,
  type SignedInUser,
} from './decide-authorization.ts'

const now = 1_796_000_000 as EpochSeconds
const at = (seconds: number) => (now + seconds) as EpochSeconds
const orders = 'https://orders.example/api'
const userinfo = 'https://id.example/oauth2/userinfo'

const client: ClientRecord = {
  id: 'desk',
  internalId: 'AAAAAAAAAAAAAAAAAAAAAA',
  version: 1,
  enabled: true,
  authentication: 'client_secret',
  secrets: [],
  jwks: null,
  grantTypes: ['authorization_code', 'refresh_token'],
  access: [{ audience: orders, scopes: ['read', 'write'] }],
  dpopRequired: false,
  roles: [],
  claims: {},
  createdAt: now,
}
const signIn: ClientSignIn = {
  name: 'Orders Desk',
  redirectUris: ['https://desk.example/cb'],
  postLogoutRedirectUris: [],
  idTokenAlg: 'RS256',
  userinfoSignedAlg: 'plain',
  pkce: 'required',
  consent: 'ask',
  refresh: 'always',
}
const resource: ResourceRecord = {
  audience: orders,
  scopes: ['read', 'write', 'admin'],
  tokenAlg: 'ES256',
  tokenTtlSeconds: 600,
  tokenBytesMax: 4_096,
  encryption: null,
  statusList: false,
  clientId: null,
  createdAt: now,
}
const wren: SignedInUser = {
  userId: 'u1' as UserId,
  access: [{ audience: orders, scopes: ['read'], roles: [] }],
  acr: '1',
  provedAt: at(-100),
}
const request: AuthorizationRequest = {
  clientId: 'desk',
  redirectUri: 'https://desk.example/cb',
  state: 's',
  responseMode: 'query',
  scopes: ['openid', 'profile'],
  resource: undefined,
  challenge: 'c',
  nonce: undefined,
  prompt: [],
  maxAgeSeconds: undefined,
  loginHint: undefined,
  idTokenHint: undefined,
  uiLocales: undefined,
  level: 'any',
  claims: { idToken: [], userinfo: [], acr: undefined },
  jkt: undefined,
}
const facts: AuthorizationFacts & ConsentFacts = {
  client,
  signIn,
  resource: (audience) => (audience === orders ? resource : undefined),
  userinfo,
  person: wren,
  hinted: null,
  consented: [],
  isAgreed: false,
  startedAt: now,
  now,
}
const everything = ['openid', 'profile', 'email', 'read', 'write', 'offline_access']

interface Row {
  readonly name: string
  readonly asks?: Partial<AuthorizationRequest>
  readonly given?: Partial<AuthorizationFacts & ConsentFacts>
  readonly step: object
}

const asks = (newScopes: readonly string[]) => ({ act: 'ask', newScopes })
const gives = (plan: object) => ({ act: 'give', plan })
const refuses = (reason: string) => ({ reason })
const quiet = { prompt: ['none'] } as const

const rows: readonly Row[] = [
  { name: 'nobody is signed in', given: { person: undefined }, step: { act: 'signIn' } },
  {
    name: 'nobody is signed in, in silence',
    asks: quiet,
    given: { person: undefined },
    step: refuses('sign_in_needed'),
  },
  { name: 'a first request', step: asks(['openid', 'profile', 'offline_access']) },
  { name: 'a first request in silence', asks: quiet, step: refuses('consent_needed') },
  {
    name: 'one scope more',
    asks: { scopes: ['openid', 'profile', 'email'] },
    given: { consented: ['openid', 'profile', 'offline_access'] },
    step: asks(['email']),
  },
  {
    name: 'the same scopes again',
    given: { consented: everything },
    step: gives({ audience: userinfo }),
  },
  {
    name: 'the same scopes again in silence',
    asks: quiet,
    given: { consented: everything },
    step: gives({ identityScopes: ['openid', 'profile'], isOffline: true }),
  },
  { name: 'an answer on the page', given: { isAgreed: true }, step: gives({ audience: userinfo }) },
  {
    name: 'a page that the client asks for',
    asks: { prompt: ['consent'] },
    given: { consented: everything },
    step: asks([]),
  },
  {
    name: 'a client that the operator trusts',
    given: { signIn: { ...signIn, consent: 'never' } },
    step: gives({ audience: userinfo }),
  },
  {
    name: 'a public app on the computer of the user, again',
    asks: { redirectUri: 'http://localhost:53124/callback' },
    given: { consented: everything, client: { ...client, authentication: 'none' } },
    step: { act: 'ask', isKept: false },
  },
  {
    name: 'a resource, with a scope that only the client has',
    asks: { resource: orders, scopes: ['openid', 'read', 'write'] },
    given: { isAgreed: true },
    step: gives({ audience: orders, scopes: ['read'], identityScopes: ['openid'] }),
  },
  {
    name: 'a resource without a scope',
    asks: { resource: orders, scopes: [] },
    given: { isAgreed: true },
    step: gives({ audience: orders, scopes: ['read'], identityScopes: [] }),
  },
  {
    name: 'a resource with a slash at its end and a host in capitals',
    asks: { resource: 'https://ORDERS.example/api/', scopes: ['read'] },
    given: { isAgreed: true },
    step: gives({ audience: orders }),
  },
  {
    name: 'no resource and no openid',
    asks: { scopes: ['read'] },
    given: { isAgreed: true },
    step: gives({ audience: orders }),
  },
  {
    name: 'a resource with another path',
    asks: { resource: 'https://orders.example/API' },
    step: refuses('resource_not_allowed'),
  },
  {
    name: 'a scope that nobody knows, next to one that is known',
    asks: { scopes: ['openid', 'mail.readwrite'] },
    given: { isAgreed: true },
    step: gives({ identityScopes: ['openid'], scopes: [] }),
  },
  {
    name: 'only scopes that nobody may give',
    asks: { resource: orders, scopes: ['write'] },
    step: refuses('scope_nothing_granted'),
  },
  {
    name: 'profile without openid',
    asks: { scopes: ['profile', 'read'] },
    given: { isAgreed: true },
    step: gives({ identityScopes: [] }),
  },
  {
    name: 'a sign-in once more',
    asks: { prompt: ['login'] },
    step: { act: 'prove', level: 'any' },
  },
  {
    name: 'a sign-in once more that has happened',
    asks: { prompt: ['login'] },
    given: { person: { ...wren, provedAt: at(5) }, now: at(9), consented: everything },
    step: gives({ audience: userinfo }),
  },
  {
    name: 'a proof of 100 s where 99 are asked',
    asks: { maxAgeSeconds: 99 },
    step: { act: 'prove' },
  },
  {
    name: 'a proof of 100 s where 100 are asked',
    asks: { maxAgeSeconds: 100 },
    step: { act: 'ask' },
  },
  { name: 'max_age=0', asks: { maxAgeSeconds: 0 }, step: { act: 'prove' } },
  {
    name: 'max_age=0 after a proof for this request',
    asks: { maxAgeSeconds: 0 },
    given: { person: { ...wren, provedAt: at(5) }, now: at(600) },
    step: { act: 'ask' },
  },
  {
    name: 'an old proof in silence',
    asks: { maxAgeSeconds: 99, prompt: ['none'] },
    step: refuses('level_needed'),
  },
  { name: 'two factors', asks: { level: 'two' }, step: { act: 'prove', level: 'two' } },
  {
    name: 'two factors that are proven',
    asks: { level: 'two' },
    given: { person: { ...wren, acr: '2' } },
    step: { act: 'ask' },
  },
  { name: 'two factors as a wish', asks: { level: 'two_if_possible' }, step: { act: 'ask' } },
  { name: 'a hint of this user', given: { hinted: 'u1' }, step: { act: 'ask' } },
  { name: 'a hint of another user', given: { hinted: 'u2' }, step: { act: 'signIn' } },
  {
    name: 'a hint of another user in silence',
    asks: quiet,
    given: { hinted: 'u2' },
    step: refuses('other_user_needed'),
  },
  {
    name: 'a client without the code flow',
    given: { client: { ...client, grantTypes: ['refresh_token'] } },
    step: refuses('grant_not_allowed'),
  },
  {
    name: 'a client without refresh tokens',
    given: { isAgreed: true, client: { ...client, grantTypes: ['authorization_code'] } },
    step: gives({ isOffline: false }),
  },
  {
    name: 'refresh tokens on request, without the request',
    given: { isAgreed: true, signIn: { ...signIn, refresh: 'onRequest' } },
    step: gives({ isOffline: false }),
  },
  {
    name: 'refresh tokens on request',
    asks: { scopes: ['openid', 'offline_access'] },
    given: { isAgreed: true, signIn: { ...signIn, refresh: 'onRequest' } },
    step: gives({ isOffline: true }),
  },
]

/** Both decisions, one after the other. */
function decide(asked: AuthorizationRequest, all: AuthorizationFacts & ConsentFacts): object {
  const step = decideAccess(asked, all)
  if (!step.ok) return step.refusal
  if (step.value.act !== 'plan') return step.value
  const { plan } = step.value
  const consent = decideConsent(plan, asked, all)
  return consent.ok ? { ...consent.value, plan } : consent.refusal
}

describe('an authorization request', () => {
  it.each(rows)('$name', ({ asks: changed, given, step }) => {
    expect(decide({ ...request, ...changed }, { ...facts, ...given })).toMatchObject(step)
  })
})
