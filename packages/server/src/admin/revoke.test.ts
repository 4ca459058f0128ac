import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKeyRing, type KeyRing } from '../keys/ring.ts'
import { createSeals } from '../keys/seal.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/port/store.ts'
import type { OperatorDeps } from './operator.ts'
import { revoke, type RevokeRequest } from './revoke.ts'

const audit = { requestId: 'r', address: null, actor: 'operator' }
const now = 1_800_000_000 as EpochSeconds

let folder: string
let store: Store
let ring: KeyRing
let deps: OperatorDeps

const randomId = () => randomBytes(16).toString('base64url')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-revoke-'))
  store = await openStore(join(folder, 'db'), {
    now: () => now,
    randomId,
  })
  const client = {
    id: 'billing',
    internalId: 'internal-billing',
    version: 1,
    enabled: true,
    authentication: 'client_secret',
    secrets: [],
    jwks: null,
    grantTypes: ['client_credentials'],
    access: [],
    dpopRequired: false,
    roles: [],
    claims: {},
    createdAt: now,
  } as const
  await store.clients.add(client, audit)
  const times = { periodSeconds: 1000, announceSeconds: 10, leewaySeconds: 60 }
  const seals = createSeals(randomBytes(32), randomBytes)
  ring = createKeyRing({ store: store.keys, seals, times, now: () => now, randomId, randomBytes })
  await ring.start()
  await ring.provide([{ audience: 'api', tokenAlg: 'ES256' }])
  deps = { store, ring, seals, now: () => now, randomBytes, randomId, audit }
})

afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const rows: readonly [request: RevokeRequest, entry: object][] = [
  [
    { kind: 'token', id: 'a' },
    { kind: 'token', jti: 'a' },
  ],
  [
    { kind: 'session', id: 'a' },
    { kind: 'sid', sid: 'a' },
  ],
  [
    { kind: 'family', id: 'a' },
    { kind: 'sid', sid: 'a' },
  ],
  [
    { kind: 'client', id: 'billing' },
    { kind: 'client', cid: 'internal-billing', belowVersion: 2 },
  ],
  [
    { kind: 'user', id: 'u', belowVersion: 4 },
    { kind: 'user', uid: 'u', belowVersion: 4 },
  ],
  [
    { kind: 'claims', id: 'u', belowVersion: 4 },
    { kind: 'claims_stale', uid: 'u', belowVersion: 4 },
  ],
  [
    { kind: 'token', id: 'e'.repeat(256) },
    { kind: 'token', jti: 'e'.repeat(256) },
  ],
  [
    { kind: 'user', id: `https://idp.example|${'s'.repeat(900)}`, belowVersion: 1 },
    { kind: 'user', uid: `https://idp.example|${'s'.repeat(900)}`, belowVersion: 1 },
  ],
  [
    { kind: 'issuer', id: '' },
    { kind: 'issuer', issuedUpTo: (now + 9) as EpochSeconds },
  ],
]

it.each(rows)('%o becomes one entry of the log', async (request, target) => {
  expect(await revoke(request, deps)).toEqual({
    ok: true,
    value: { revoked: request.kind, id: request.id },
  })
  const entries = await store.revocations.page(0, 10)
  expect(entries.map((entry) => entry.target)).toEqual([target])
  expect(entries[0]?.until).toBeGreaterThan(now)
})

it('revoking a client ends its refresh families, and the client can open a new one', async () => {
  const family = {
    sid: randomId(),
    clientId: 'billing',
    clientVersion: 1,
    subject: 'billing',
    username: 'billing',
    access: [],
    jkt: null,
    currentHash: 'h',
    idleTtlSeconds: 600,
    absoluteTtlSeconds: 600,
  }
  await store.refreshTokens.open(family, {}, audit)
  await revoke({ kind: 'client', id: 'billing' }, deps)
  expect(await store.refreshTokens.find(family.sid)).toBeUndefined()
  const again = { ...family, clientVersion: 2 }
  expect(await store.refreshTokens.open(again, {}, audit)).toBe('opened')
})

const refusals: readonly [request: RevokeRequest, reason: string][] = [
  [{ kind: 'client', id: 'nobody' }, 'unknown'],
  [{ kind: 'key', id: 'k9' }, 'unknown'],
  [{ kind: 'user', id: 'u' }, 'malformed'],
  [{ kind: 'user', id: 'u', belowVersion: 0 }, 'malformed'],
  [{ kind: 'token', id: '' }, 'malformed'],
  [{ kind: 'issuer', id: 'billing' }, 'malformed'],
  [{ kind: 'token', id: 'e'.repeat(257) }, 'malformed'],
  [{ kind: 'user', id: 'u'.repeat(1025), belowVersion: 1 }, 'malformed'],
  [{ kind: 'token', id: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln' }, 'malformed'],
  [{ kind: 'user', id: 'eyJhbGciOiJFUzI1NiJ9.e30.c2ln', belowVersion: 1 }, 'malformed'],
]

it.each(refusals)('%o is refused and changes nothing', async (request, reason) => {
  const refused = await revoke(request, deps)
  expect(refused.ok ? undefined : refused.refusal.reason).toBe(reason)
  expect(await store.revocations.page(0, 10)).toEqual([])
})

it('revoking the issuer begins an epoch, and its entry lasts longer than any token', async () => {
  const before = await store.revocations.head()
  await revoke({ kind: 'issuer', id: '' }, deps)
  const head = await store.revocations.head()
  expect(head.epoch).not.toBe(before.epoch)
  expect(head).toMatchObject({ epochStart: now, fencedAt: now })
  expect(await store.revocations.page(0, 10)).toMatchObject([{ until: now + 86_400 + 60 }])
})

it('a client with the longest id is revoked by its name', async () => {
  const id = 'c'.repeat(256)
  const client = await store.clients.find('billing')
  if (client === undefined) throw new Error('the client is missing')
  await store.clients.add({ ...client, id, internalId: 'long' }, audit)
  expect(await revoke({ kind: 'client', id }, deps)).toMatchObject({ ok: true })
})

it('revoking a key writes one entry, and its standby signs', async () => {
  const [kid, standby] = ['active', 'announced'].map(
    (state) => ring.records().find((key) => key.purpose === 'token' && key.state === state)?.kid,
  )
  await revoke({ kind: 'key', id: kid ?? '' }, deps)
  const entries = await store.revocations.page(0, 10)
  expect(entries.map((entry) => entry.target)).toEqual([{ kind: 'key', kid }])
  expect((await ring.signingKey({ audience: 'api', tokenAlg: 'ES256' }, now)).kid).toBe(standby)
})
