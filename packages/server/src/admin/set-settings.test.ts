import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createKeyRing } from '../keys/ring.ts'
import { createSeals } from '../keys/seal.ts'
import { openStore } from '../store/open-store.ts'
import { addClient, type NewClient } from './clients.ts'
import type { ResourceSettings } from './judge-resource.ts'
import type { OperatorDeps } from './operator.ts'
import { addResource, removeResource } from './resources.ts'
import { setClient, type ClientUpdate } from './set-client.ts'
import { setResource } from './set-resource.ts'

const now = () => 1_800_000_000 as EpochSeconds
const randomId = () => randomBytes(16).toString('base64url')
const folder = mkdtempSync(join(tmpdir(), 'countersign-set-'))
const warnings: string[] = []
let deps: OperatorDeps

beforeAll(async () => {
  const store = await openStore(join(folder, 'db'), { now, randomId })
  const times = { periodSeconds: 1000, announceSeconds: 10, leewaySeconds: 60 }
  const seals = createSeals(randomBytes(32), randomBytes)
  const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
  await ring.start()
  const audit = { requestId: 'r', address: null, actor: 'operator' }
  const warn = (sentence: string) => void warnings.push(sentence)
  deps = { store, ring, seals, now, randomBytes, randomId, audit, warn }
})

afterAll(async () => {
  await deps.store.close()
  rmSync(folder, { recursive: true })
})

const jwkOf = (kid: string) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid }
}
const [one, two] = [jwkOf('one'), jwkOf('two')]
const setOf = (...keys: readonly object[]) => JSON.stringify({ keys })

const api = 'https://api.test'
const other = 'https://other.test'

const shop: NewClient = {
  id: 'shop',
  authentication: 'client_secret',
  grantTypes: ['client_credentials', 'refresh_token'],
  access: [
    { audience: api, scope: 'read write' },
    { audience: other, scope: '' },
  ],
  dpopRequired: false,
}
const robot: NewClient = {
  ...shop,
  roles: ['reader'],
  claims: { tenant: 'north', plan: { level: 2 } },
  id: 'robot',
  authentication: 'private_key_jwt',
  jwks: setOf(one, two),
}

beforeEach(async () => {
  const { clients, resources } = deps.store
  for (const resource of await resources.list())
    await resources.change({ ...resource, clientId: null, encryption: null }, deps.audit)
  for (const { id } of await clients.list(null, 100)) await clients.remove(id, deps.audit)
  for (const { audience } of await resources.list()) await resources.remove(audience, deps.audit)
  await addResource({ audience: api, scope: 'read write pay' }, deps)
  await addResource({ audience: other, scope: 'look' }, deps)
  await addClient(shop, deps)
  await addClient(robot, deps)
  warnings.length = 0
})

const family = {
  sid: 'family',
  clientId: 'shop',
  clientVersion: 1,
  subject: 'shop',
  username: 'shop',
  access: [],
  jkt: null,
  currentHash: 'h',
  idleTtlSeconds: 600,
  absoluteTtlSeconds: 600,
}

interface Row {
  readonly name: string
  readonly client?: 'robot'
  readonly update: ClientUpdate
  readonly changed: readonly string[]
  /** Default: tokens live on. */
  readonly tokens?: 'die'
  /** Default: refresh families live on. */
  readonly families?: 'end'
}

describe('a change of a client', () => {
  const rows: readonly Row[] = [
    { name: 'nothing', update: {}, changed: [] },
    {
      name: 'the present settings again',
      update: { grantTypes: shop.grantTypes, access: shop.access, dpopRequired: false },
      changed: [],
    },
    {
      name: 'the same grants, one named twice',
      update: { grantTypes: [...shop.grantTypes, 'refresh_token'] },
      changed: [],
    },
    {
      name: 'one scope more',
      update: { addAccess: [{ audience: api, scope: 'read write pay' }] },
      changed: ['access'],
    },
    {
      name: 'all scopes of its resource',
      update: { addAccess: [{ audience: api }] },
      changed: ['access'],
    },
    {
      name: 'one scope less',
      update: { addAccess: [{ audience: api, scope: 'read' }] },
      changed: ['access'],
      tokens: 'die',
    },
    {
      name: 'another scope instead of one',
      update: { addAccess: [{ audience: api, scope: 'read pay' }] },
      changed: ['access'],
      tokens: 'die',
    },
    {
      name: 'one resource less',
      update: { dropAccess: [other] },
      changed: ['access'],
      tokens: 'die',
    },
    {
      name: 'another default resource',
      update: { access: shop.access.toReversed() },
      changed: ['access'],
    },
    {
      name: 'one grant more',
      update: {
        grantTypes: [...shop.grantTypes, 'urn:ietf:params:oauth:grant-type:token-exchange'],
      },
      changed: ['grantTypes'],
    },
    {
      name: 'without its own tokens',
      update: { grantTypes: ['refresh_token'] },
      changed: ['grantTypes'],
      tokens: 'die',
    },
    {
      name: 'without refresh tokens',
      update: { grantTypes: ['client_credentials'] },
      changed: ['grantTypes'],
      tokens: 'die',
      families: 'end',
    },
    {
      name: 'with a proof',
      update: { dpopRequired: true },
      changed: ['dpopRequired'],
      tokens: 'die',
    },
    {
      name: 'keys instead of a secret',
      update: { authentication: 'private_key_jwt', jwks: setOf(one) },
      changed: ['authentication', 'jwks'],
      tokens: 'die',
    },
    {
      name: 'no authentication',
      update: { authentication: 'none', grantTypes: ['refresh_token'] },
      changed: ['authentication', 'grantTypes'],
      tokens: 'die',
      families: 'end',
    },
    {
      name: 'the same keys with other spaces',
      client: 'robot',
      update: { jwks: JSON.stringify({ keys: [one, two] }, null, 2) },
      changed: [],
    },
    {
      name: 'the same keys in another order',
      client: 'robot',
      update: { jwks: setOf(two, one) },
      changed: ['jwks'],
    },
    {
      name: 'one key more',
      client: 'robot',
      update: { jwks: setOf(one, two, jwkOf('three')) },
      changed: ['jwks'],
    },
    {
      name: 'one key less',
      client: 'robot',
      update: { jwks: setOf(two) },
      changed: ['jwks'],
      tokens: 'die',
    },
    {
      name: 'another key under the name of one',
      client: 'robot',
      update: { jwks: setOf(one, jwkOf('two')) },
      changed: ['jwks'],
      tokens: 'die',
    },
    {
      name: 'one role more, and the old one named twice',
      client: 'robot',
      update: { roles: ['reader', 'admin', 'reader'] },
      changed: ['roles'],
    },
    {
      name: 'another role',
      client: 'robot',
      update: { roles: ['admin'] },
      changed: ['roles'],
      tokens: 'die',
    },
    {
      name: 'one claim more',
      client: 'robot',
      update: { claims: { plan: { level: 2 }, tenant: 'north', region: 'eu' } },
      changed: ['claims'],
    },
    {
      name: 'the same claims in another order',
      client: 'robot',
      update: { claims: { plan: { level: 2 }, tenant: 'north' } },
      changed: [],
    },
    {
      name: 'another value inside of a claim',
      client: 'robot',
      update: { claims: { plan: { level: 3 }, tenant: 'north' } },
      changed: ['claims'],
      tokens: 'die',
    },
    {
      name: 'no claim',
      client: 'robot',
      update: { claims: {} },
      changed: ['claims'],
      tokens: 'die',
    },
    {
      name: 'a secret instead of keys',
      client: 'robot',
      update: { authentication: 'client_secret' },
      changed: ['authentication', 'jwks'],
      tokens: 'die',
    },
  ]
  it.each(rows)('$name: changes $changed', async (row) => {
    const { client: id = 'shop', update, changed, tokens, families } = row
    const { clients, refreshTokens, revocations } = deps.store
    await refreshTokens.open({ ...family, clientId: id }, {}, deps.audit)
    const { sequence } = await revocations.head()
    const set = await setClient(id, update, deps)
    const revokesTokens = tokens === 'die'
    const endsFamilies = families === 'end'
    expect(set).toMatchObject({ value: { changed, revokesTokens, endsFamilies } })
    const { version } = (await clients.find(id)) ?? {}
    expect(version).toBe(revokesTokens ? 2 : 1)
    expect(await revocations.page(sequence, 10)).toHaveLength(revokesTokens ? 1 : 0)
    expect((await refreshTokens.find('family')) === undefined).toBe(endsFamilies)
    await refreshTokens.end('family', 'test', deps.audit)
    const again = await setClient(id, update, deps)
    expect(again).toMatchObject(
      update.dropAccess === undefined ? { value: { changed: [] } } : { ok: false },
    )
  })

  it('to a secret gives the secret once, and from a secret leaves none', async () => {
    const made = await setClient('robot', { authentication: 'client_secret' }, deps)
    expect(made).toMatchObject({ value: { secret: expect.stringMatching(/^cs_/) } })
    const { secrets, jwks } = (await deps.store.clients.find('robot')) ?? {}
    expect([secrets?.length, jwks]).toEqual([1, null])
    const keys = { authentication: 'private_key_jwt', jwks: setOf(one) }
    expect(await setClient('robot', keys, deps)).toMatchObject({ value: { secret: null } })
    expect((await deps.store.clients.find('robot'))?.secrets).toEqual([])
  })

  it('keeps the order of resources, and adds new ones at the end', async () => {
    await addResource({ audience: 'https://new.test', scope: '' }, deps)
    const addAccess = [{ audience: 'https://new.test' }, { audience: api, scope: 'read' }]
    await setClient('shop', { addAccess }, deps)
    const { access = [] } = (await deps.store.clients.find('shop')) ?? {}
    expect(access.map(({ audience }) => audience)).toEqual([api, other, 'https://new.test'])
  })

  const refusals: readonly (readonly [string, ClientUpdate, string])[] = [
    ['nobody', {}, 'no client nobody'],
    ['shop', { grantTypes: ['password'] }, 'no grant password'],
    ['shop', { authentication: 'mtls' }, 'not by mtls'],
    ['shop', { authentication: 'none' }, 'may not use client_credentials'],
    ['shop', { jwks: setOf(one) }, 'belong to private_key_jwt'],
    ['shop', { alg: 'ES256' }, 'belongs to public keys'],
    ['shop', { authentication: 'private_key_jwt' }, 'it needs them'],
    ['robot', { jwks: setOf() }, 'no key that can be used'],
    ['shop', { addAccess: [{ audience: api, scope: 'fly' }] }, 'no scope fly'],
    ['shop', { addAccess: [{ audience: api, scope: 'read,write' }] }, 'no scope read,write'],
    ['shop', { addAccess: [{ audience: 'https://x.test' }] }, 'no resource https://x.test'],
    ['shop', { roles: ['a,b'] }, '"a,b" is no role'],
    ['shop', { claims: { sub: 'root' } }, 'The claim sub is reserved'],
    ['shop', { dropAccess: ['https://x.test'] }, 'no access to https://x.test'],
    ['shop', { access: [{ audience: api }, { audience: api }] }, 'named twice'],
  ]
  it.each(refusals)('%s with %j is refused: %s', async (id, update, says) => {
    const before = await deps.store.clients.list(null, 10)
    const set = await setClient(id, update, deps)
    expect(set.ok ? 'set' : set.refusal.sentence).toContain(says)
    expect(await deps.store.clients.list(null, 10)).toEqual(before)
  })
})

describe('a change of a resource', () => {
  const managed = { source: 'managed', alg: 'ECDH-ES', enc: 'A256GCM' } as const
  const rows: readonly (readonly [Partial<ResourceSettings>, readonly string[]])[] = [
    [{}, []],
    [{ scope: 'read write pay', tokenAlg: 'ES256', statusList: false }, []],
    [{ scope: 'read write pay fly' }, ['scopes']],
    [{ scope: 'read write' }, ['scopes']],
    [{ tokenTtlSeconds: 60, statusList: true }, ['tokenTtlSeconds', 'statusList']],
    [{ tokenAlg: 'Ed25519' }, ['tokenAlg']],
    [{ clientId: 'shop' }, ['clientId']],
    [{ clientId: 'shop', encryption: managed }, ['clientId', 'encryption']],
  ]
  it.each(rows)('%j changes %j', async (update, changed) => {
    const { revocations } = deps.store
    const { sequence } = await revocations.head()
    expect(await setResource(api, update, deps)).toMatchObject({ value: { changed } })
    expect(await setResource(api, update, deps)).toMatchObject({ value: { changed: [] } })
    expect(await revocations.page(sequence, 10)).toEqual([])
  })

  it('makes the keys that it needs from now on', async () => {
    await setResource(api, { tokenAlg: 'ES384', clientId: 'shop', encryption: managed }, deps)
    const active = (await deps.store.keys.list()).filter(({ state }) => state === 'active')
    const names = active.map(({ purpose, alg, audience }) => `${purpose} ${alg} ${audience ?? ''}`)
    expect(names).toEqual(expect.arrayContaining(['token ES384 ', `encryption ECDH-ES ${api}`]))
  })

  it('to a shorter life warns of older tokens', async () => {
    await setResource(api, { tokenTtlSeconds: 60 }, deps)
    expect(warnings.join()).toContain('600 seconds')
    await setResource(api, { tokenTtlSeconds: 61 }, deps)
    expect(warnings).toHaveLength(1)
  })

  const refusals: readonly (readonly [string, Partial<ResourceSettings>, string])[] = [
    ['https://x.test', {}, 'no resource https://x.test'],
    [api, { scope: 'read' }, '(write, pay) is in use by robot, shop:'],
    [api, { scope: 'a  b' }, 'single spaces'],
    [api, { tokenAlg: 'none' }, 'signs no tokens'],
    [api, { tokenTtlSeconds: 0 }, 'whole number of seconds'],
    [api, { clientId: 'nobody' }, 'no client nobody'],
    [api, { encryption: managed }, 'name a client that authenticates'],
    [api, { encryption: { ...managed, alg: 'dir' } }, 'not encrypted with dir'],
  ]
  it.each(refusals)('%s with %j is refused: %s', async (audience, update, says) => {
    const before = await deps.store.resources.list()
    const set = await setResource(audience, update, deps)
    expect(set.ok ? 'set' : set.refusal.sentence).toContain(says)
    expect(await deps.store.resources.list()).toEqual(before)
  })
})

describe('records that need each other are named', () => {
  const managed = { source: 'managed', alg: 'ECDH-ES', enc: 'A256GCM' } as const

  it('the resources whose keys a client gets', async () => {
    await setResource(api, { clientId: 'shop', encryption: managed }, deps)
    const update = { authentication: 'none', grantTypes: [] }
    const set = await setClient('shop', update, deps)
    expect(set.ok ? 'set' : set.refusal.sentence).toContain(`the managed keys of ${api}`)
  })

  it('the clients that have access to a resource, ten of them', async () => {
    expect(await removeResource(other, deps)).toMatchObject({
      refusal: {
        sentence: `${other} is in use by robot, shop: take it from these clients first, or remove them.`,
      },
    })
    for (let more = 10; more < 20; more += 1) await addClient({ ...shop, id: `a${more}` }, deps)
    const removed = await removeResource(other, deps)
    const names = Array.from({ length: 10 }, (_, at) => `a${at + 10}`).join(', ')
    expect(removed.ok ? 'removed' : removed.refusal.sentence).toContain(
      `in use by ${names} and others:`,
    )
  })
})
