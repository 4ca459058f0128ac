import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJwk, publicKeyOf, type EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKeyRing, type KeyRing } from '../keys/ring.ts'
import { createSeals, type Seals } from '../keys/seal.ts'
import { openStore } from '../store/open-store.ts'
import type { Store } from '../store/port/store.ts'
import { addClient, switchClient } from './clients.ts'
import { burnKey, listKeys, resealKeys, rotateKeys } from './keys.ts'
import type { OperatorDeps } from './operator.ts'
import { addResource, removeResource, type NewResource } from './resources.ts'

const times = { periodSeconds: 1_000, announceSeconds: 10, leewaySeconds: 60 }
const audit = { requestId: 'r', address: null, actor: 'operator' }
let clock = 1_800_000_000
const now = () => clock as EpochSeconds
const randomId = () => randomBytes(16).toString('base64url')
const alg = 'ECDH-ES'
const one = 'https://one.test'
const two = 'https://two.test'
const managed = { source: 'managed', alg, enc: 'A256GCM' } as const

let folder: string
let store: Store
/** One run of the command line. It shares no memory with an earlier run. */
let deps: OperatorDeps

async function anotherRun(seals: Seals): Promise<OperatorDeps> {
  const ring: KeyRing = createKeyRing({
    store: store.keys,
    seals,
    times,
    now,
    randomId,
    randomBytes,
  })
  await ring.start()
  return { store, ring, seals, now, randomBytes, randomId, audit }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-managed-'))
  store = await openStore(join(folder, 'db'), { now, randomId })
  deps = await anotherRun(createSeals(randomBytes(32), randomBytes))
  const client = { grantTypes: [], access: [], dpopRequired: false }
  await addClient({ id: 'api', authentication: 'client_secret', ...client }, deps)
  await addClient({ id: 'page', authentication: 'none', ...client }, deps)
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const add = (over: Partial<NewResource> = {}) =>
  addResource({ audience: one, scope: '', encryption: managed, clientId: 'api', ...over }, deps)

/** The states of a resource's keys, by name. */
function statesOf(audience: string): Record<string, string> {
  const mine = listKeys(deps, times).filter((key) => key.audience === audience)
  return Object.fromEntries(mine.map(({ kid, state }) => [kid, state]))
}
const kidOf = (audience: string, wanted: string) =>
  Object.entries(statesOf(audience)).find(([, state]) => state === wanted)?.[0] ?? 'none'

it('a new resource has an active key and a standby, and their dates are listed', async () => {
  expect((await add()).ok).toBe(true)
  expect(Object.values(statesOf(one)).toSorted()).toEqual(['active', 'announced'])
  const listed = listKeys(deps, times).find(({ kid }) => kid === kidOf(one, 'active'))
  expect(listed).toMatchObject({ purpose: 'encryption', alg, nextAt: now() + times.periodSeconds })
  expect((await add()).ok).toBe(false)
  expect(Object.keys(statesOf(one))).toHaveLength(2)
})

it.each([
  ['no client', { clientId: undefined }, 'malformed'],
  ['a client that does not authenticate', { clientId: 'page' }, 'malformed'],
  ['an unknown client', { clientId: 'nobody' }, 'unknown'],
  ['an algorithm without a key pair', { encryption: { ...managed, alg: 'dir' } }, 'malformed'],
])('a resource with %s is refused and gets no keys', async (_, over, reason) => {
  expect(await add(over)).toMatchObject({ ok: false, refusal: { reason } })
  expect(statesOf(one)).toEqual({})
})

it('one resource is rotated alone, and has another standby at once', async () => {
  await add()
  await add({ audience: two })
  const before = { one: kidOf(one, 'announced'), two: kidOf(two, 'active') }
  deps = await anotherRun(deps.seals)
  const early = await rotateKeys({ audience: one, force: false }, deps, times)
  expect(early).toMatchObject({ ok: false, refusal: { reason: 'too_early' } })
  const rotated = await rotateKeys({ audience: one, force: true }, deps, times)
  expect(rotated).toMatchObject({ value: [{ kid: before.one, outcome: 'activated' }] })
  expect(kidOf(one, 'active')).toBe(before.one)
  expect(Object.values(statesOf(one)).toSorted()).toEqual(['active', 'announced', 'retired'])
  expect(kidOf(two, 'active')).toBe(before.two)
})

it('a standby that is too young is reported, and the others are activated', async () => {
  await add()
  const old = { kid: kidOf(one, 'announced'), alg, audience: one, knownAt: now() + 10 }
  clock += 10
  await add({ audience: two })
  const young = { kid: kidOf(two, 'announced'), alg, audience: two, knownAt: now() + 10 }
  expect(await rotateKeys({ alg, force: false }, deps, times)).toEqual({
    ok: true,
    value: [
      { ...old, outcome: 'activated' },
      { ...young, outcome: 'too_early' },
    ],
  })
  expect(kidOf(one, 'active')).toBe(old.kid)
  expect(kidOf(two, 'announced')).toBe(young.kid)
})

it('one command burns a key, activates its standby and makes another standby', async () => {
  await add()
  const [burnt, standby] = [kidOf(one, 'active'), kidOf(one, 'announced')]
  deps = await anotherRun(deps.seals)
  expect(await burnKey(burnt, deps)).toEqual({ ok: true, value: { successor: standby } })
  expect(statesOf(one)[burnt]).toBeUndefined()
  expect(Object.values(statesOf(one)).toSorted()).toEqual(['active', 'announced'])
  expect(await store.revocations.page(0, 9)).toMatchObject([
    { target: { kind: 'key', kid: burnt } },
  ])
})

it('a reseal keeps the keys of a resource, and its removal retires them', async () => {
  await add()
  const next = createSeals(randomBytes(32), randomBytes)
  expect((await resealKeys(next, deps)).ok).toBe(true)
  const before = statesOf(one)
  deps = await anotherRun(next)
  expect(statesOf(one)).toEqual(before)
  expect(deps.ring.decryptionKeys(one).map(({ kind }) => kind)).toEqual(['private', 'private'])
  expect(await removeResource(one, deps)).toEqual({ ok: true, value: 'removed' })
  await deps.ring.refresh()
  expect(Object.values(statesOf(one))).toEqual(['retired', 'retired'])
})

it('gives a resource that is made again none of the keys of the former one', async () => {
  await add()
  const former = deps.ring.decryptionKeys(one).map(({ kid }) => kid)
  await removeResource(one, deps)
  expect((await add()).ok).toBe(true)
  await deps.ring.refresh()
  const own = deps.ring.decryptionKeys(one).map(({ kid }) => kid)
  expect([former.length, own.length]).toEqual([2, 2])
  expect(own.filter((kid) => former.includes(kid))).toEqual([])
})

it('keeps a client that acts for a resource, and names the resource', async () => {
  await add()
  expect(await switchClient('remove', 'api', deps)).toMatchObject({
    refusal: { reason: 'in_use', sentence: expect.stringContaining(one) },
  })
  await removeResource(one, deps)
  expect(await switchClient('remove', 'api', deps)).toEqual({ ok: true, value: 'removed' })
})

it('makes all keys, standbys and successors too, on the requested curve', async () => {
  expect((await add({ encryption: { ...managed, curve: 'P-256' } })).ok).toBe(true)
  const curves = () =>
    deps.ring.decryptionKeys(one).map((key) => String(exportJwk(publicKeyOf(key))['crv']))
  expect(curves()).toEqual(['P-256', 'P-256'])
  await rotateKeys({ force: true }, deps, times)
  expect(curves()).toEqual(['P-256', 'P-256', 'P-256'])
})
