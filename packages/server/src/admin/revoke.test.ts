import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/port/store.ts'
import { revoke, type RevokeRequest } from './revoke.ts'

const audit = { requestId: 'r', address: null, actor: 'operator' }
const now = 1_800_000_000 as EpochSeconds

let folder: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-revoke-'))
  store = await openStore(join(folder, 'db'), {
    now: () => now,
    randomId: () => randomBytes(16).toString('base64url'),
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
    createdAt: now,
  } as const
  await store.clients.add(client, audit)
  const key = {
    kid: 'k1',
    alg: 'ES256',
    purpose: 'token',
    audience: null,
    state: 'active',
    publicJwk: '{}',
    sealed: new Uint8Array(8),
    announcedAt: now,
    activatedAt: now,
    retiredAt: null,
    promisedUntil: now,
  } as const
  await store.keys.announce(key, audit)
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
    { kind: 'key', id: 'k1' },
    { kind: 'key', kid: 'k1' },
  ],
  [
    { kind: 'issuer', id: '' },
    { kind: 'issuer', issuedUpTo: now },
  ],
]

it.each(rows)('%o becomes one entry of the log', async (request, target) => {
  expect(await revoke(request, { store, audit })).toEqual({ ok: true, value: 'revoked' })
  const entries = await store.revocations.page(0, 10)
  expect(entries.map((entry) => entry.target)).toEqual([target])
  expect(entries[0]?.until).toBeGreaterThan(now)
})

const refusals: readonly [request: RevokeRequest, reason: string][] = [
  [{ kind: 'client', id: 'nobody' }, 'client_unknown'],
  [{ kind: 'key', id: 'k9' }, 'key_unknown'],
  [{ kind: 'user', id: 'u' }, 'version_missing'],
  [{ kind: 'token', id: '' }, 'id_malformed'],
  [{ kind: 'token', id: 'e'.repeat(129) }, 'id_malformed'],
]

it.each(refusals)('%o is refused and changes nothing', async (request, reason) => {
  const refused = await revoke(request, { store, audit })
  expect(refused.ok ? undefined : refused.refusal.reason).toBe(reason)
  expect(await store.revocations.page(0, 10)).toEqual([])
})
