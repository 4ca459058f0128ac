import { ok, type EpochSeconds } from '@countersign/jwt'
import { expect, it } from 'vitest'
import { verifiedClient } from '../clients/verified.ts'
import type { OwnToken } from '../tokens/own-token.ts'
import { revokeEndpoint } from './revoke.ts'

const now = 1_800_000_000 as EpochSeconds

/** The token that `orders` got in exchange for a token of `web`: with its own `client_id` and the `cid` of `web`. */
const exchanged: OwnToken = {
  jti: 'j1',
  audience: 'https://billing.test',
  subject: 'alice',
  username: 'alice',
  clientId: 'orders',
  scopes: [],
  sid: 'family-of-web',
  cid: 'internal-of-web',
  cv: 1,
  uv: undefined,
  jkt: undefined,
  act: { sub: 'orders', cid: 'internal-of-orders', cv: 1 },
  added: undefined,
  ancestors: ['j0'],
  ancestorKids: [],
  ancestorIat: undefined,
  issuedAt: now,
  expiresAt: (now + 600) as EpochSeconds,
  kid: 'k1',
  isShared: false,
  envelopeKid: undefined,
}

const orders = verifiedClient({
  id: 'orders',
  internalId: 'internal-of-orders',
  version: 1,
  enabled: true,
  authentication: 'client_secret',
  secrets: [],
  jwks: null,
  grantTypes: [],
  access: [],
  dpopRequired: false,
  roles: [],
  claims: {},
  createdAt: now,
})

it('counts revoked tokens for the client that asks, so that another client keeps its families and version', async () => {
  const counted: (string | undefined)[] = []
  const never = () => {
    throw new Error('not asked on this path')
  }
  const handle = revokeEndpoint.make({
    authenticate: () => ok({ client: orders, spend: [] }),
    turnAway: never,
    forgetClient: never,
    store: {
      refreshTokens: { open: never, find: never, rotate: never, end: never },
      revocations: {
        add: async (target, until, _, owner) => {
          counted.push(owner?.cid, owner?.sid)
          return { sequence: 1, target, at: now, until: until ?? now }
        },
        head: never,
        page: never,
        linkUpTo: never,
        headSince: never,
        startEpochAfterRollback: never,
        disabledRecords: never,
        heal: never,
        recover: never,
        startEpoch: never,
      },
      spent: { spend: never, filter: never },
    },
    refreshTokens: {
      mint: never,
      read: () => undefined,
      sealSuccessor: never,
      openSuccessor: never,
    },
    reader: {
      readToken: () => ok({ prepared: exchanged, isRemembered: false }),
      envelopes: { knows: () => false },
    },
    onUnreadToken: never,
    now: () => now,
    catchUp: () => Promise.resolve(),
  })
  const type = 'application/x-www-form-urlencoded'
  const reply = await handle({
    method: 'POST',
    path: '/oauth2/revoke',
    query: '',
    url: '/oauth2/revoke',
    headers: { 'content-type': type },
    rawHeaders: ['content-type', type],
    body: Buffer.from('token=a.b.c'),
    address: '192.0.2.1',
    requestId: 'r1',
  })
  expect(reply.status).toBe(200)
  expect(counted).toEqual(['internal-of-orders', undefined])
})
