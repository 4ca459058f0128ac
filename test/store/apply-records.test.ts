import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { ok, refuse } from '@countersign/jwt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  performSteps,
  planRecords,
  type RecordsPlan,
} from '../../packages/server/src/admin/apply-records.ts'
import { addClient } from '../../packages/server/src/admin/clients.ts'
import { exportRecords } from '../../packages/server/src/admin/export-records.ts'
import type { OperatorDeps } from '../../packages/server/src/admin/operator.ts'
import { readRecordFile, type RecordProblem } from '../../packages/server/src/admin/record-file.ts'
import { addResource } from '../../packages/server/src/admin/resources.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { databases, type TestDatabase } from './databases.ts'
import { randomId, startOfTime } from './ids.ts'
import { context } from './records.ts'

const now = () => startOfTime
const [api, other, gone] = ['https://api.test', 'https://other.test', 'https://gone.test']
const publicJwk = (kid: string, alg = 'ES256') => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...publicKey.export({ format: 'jwk' }), alg, kid }
}
const secretOf = (letter: string) => `cs_${letter.repeat(43)}`
const values: Readonly<Record<string, string>> = {
  'env:SHOP': secretOf('a'),
  'env:NEXT': secretOf('b'),
  'env:THIRD': secretOf('c'),
  'env:WEAK': 'password',
  'file:keys.json': JSON.stringify({ keys: [publicJwk('from-file')] }),
}
const readReference = (reference: string) => {
  const value = values[reference]
  return value === undefined ? refuse(`${reference} is not set.`) : ok(value)
}

/** A file with each kind of setting; a client and a resource name each other. */
const whole = {
  resources: [
    { audience: api, scopes: ['read', 'write'], tokenTtlSeconds: 300, clientId: 'shop' },
    {
      audience: other,
      scopes: ['look'],
      tokenAlg: 'EdDSA',
      clientId: 'shop',
      encryption: { source: 'managed', alg: 'ECDH-ES+A256KW', enc: 'A256GCM' },
      statusList: true,
    },
  ],
  clients: [
    {
      id: 'shop',
      grantTypes: ['client_credentials', 'refresh_token'],
      access: [{ audience: api, scopes: ['read'] }, { audience: other }],
      roles: ['admin'],
      claims: { tenant: 'north' },
      secrets: ['env:SHOP'],
    },
    {
      id: 'batch',
      authentication: 'private_key_jwt',
      jwks: { keys: [publicJwk('b')] },
      dpopRequired: true,
    },
    { id: 'fresh', access: [{ audience: api, scopes: ['write'] }] },
    { id: 'app', authentication: 'none', grantTypes: ['refresh_token'], enabled: false },
  ],
}
type Whole = typeof whole

describe.each(databases)('records of a file on $name', ({ start }) => {
  let database: TestDatabase
  let deps: OperatorDeps
  let printed: Record<string, string>

  beforeEach(async () => {
    database = await start()
    const { store } = database
    const seals = createSeals(new Uint8Array(32).fill(3), randomBytes)
    const times = { periodSeconds: 1000, announceSeconds: 10, leewaySeconds: 60 }
    const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
    await ring.start()
    deps = { store, ring, seals, now, randomBytes, randomId, audit: context }
    printed = {}
  })
  afterEach(() => database.close())

  async function plan(
    file: object,
    prune = false,
  ): Promise<RecordsPlan | readonly RecordProblem[]> {
    const read = readRecordFile(JSON.stringify(file))
    if (!read.ok) return read.refusal
    const planned = await planRecords(read.value, { readReference, prune }, deps)
    return planned.ok ? planned.value : planned.refusal
  }

  /** Applies a file; gives the acts, such as `change client shop: access`. */
  async function apply(file: object, prune = false): Promise<readonly string[]> {
    const planned = await plan(file, prune)
    if (!('steps' in planned)) return planned.map(({ path, sentence }) => `${path}: ${sentence}`)
    const done = await performSteps(planned.steps, deps, (id, secret) => (printed[id] = secret))
    if (!done.ok) return [`stopped: ${done.refusal.sentence}`]
    return planned.changes.map(({ act, kind, name, settings, revokesTokens }) => {
      const named = act === 'change' ? `: ${settings.map((setting) => setting.name).join(' ')}` : ''
      return `${act} ${kind} ${name}${named}${revokesTokens ? ' (tokens die)' : ''}`
    })
  }

  const edit = (change: (file: Whole) => unknown) => {
    const file = structuredClone(whole)
    change(file)
    return file
  }
  const versionOf = async (id: string) => (await deps.store.clients.find(id))?.version
  const events = async () => (await deps.store.audit.list(0, 1_000)).map(({ event }) => event.event)

  test('are made, with the settings and secrets that it states', async () => {
    expect(await apply(whole)).toEqual([
      `add resource ${api}`,
      `add resource ${other}`,
      'add client shop',
      'add client batch',
      'add client fresh',
      'add client app',
    ])
    expect(await deps.store.clients.find('shop')).toMatchObject({
      access: [
        { audience: api, scopes: ['read'] },
        { audience: other, scopes: ['look'] },
      ],
      roles: ['admin'],
      claims: { tenant: 'north' },
      version: 1,
    })
    expect(await deps.store.clients.find('app')).toMatchObject({ enabled: false })
    expect(await deps.store.resources.find(other)).toMatchObject({
      clientId: 'shop',
      encryption: { source: 'managed' },
    })
    expect(Object.keys(printed)).toEqual(['fresh'])
    expect(printed['fresh']).toMatch(/^cs_[\w-]{43}$/u)
  })

  test('a repeat changes nothing, and writes no event', async () => {
    await apply(whole)
    const before = await events()
    expect(await apply(whole)).toEqual([])
    expect(await events()).toEqual(before)
  })

  test.each([1, 4, 6, 8])(
    'an apply that stops after %i steps is completed by the next one',
    async (count) => {
      const planned = await plan(whole)
      if (!('steps' in planned)) throw new Error('no plan')
      expect(planned.steps.length).toBeGreaterThan(count)
      const done = await performSteps(planned.steps.slice(0, count), deps, () => {})
      expect(done.ok).toBe(true)
      expect(await apply(whole)).not.toEqual([])
      expect(await apply(whole)).toEqual([])
      const { resources, clients } = await exportRecords(deps.store)
      expect(resources).toMatchObject(whole.resources.map(({ audience }) => ({ audience })))
      expect(clients).toMatchObject([
        { id: 'app', enabled: false },
        { id: 'batch', dpopRequired: true },
        { id: 'fresh', access: [{ audience: api, scopes: ['write'] }] },
        { id: 'shop', roles: ['admin'], claims: { tenant: 'north' } },
      ])
    },
  )

  test('an export that is applied changes nothing, with --prune too', async () => {
    await apply(whole)
    const before = await events()
    const records = await exportRecords(deps.store)
    expect(JSON.stringify(records)).not.toMatch(/cs_|"hash"|"secrets"/u)
    expect(await apply(records)).toEqual([])
    expect(await apply(records, true)).toEqual([])
    expect(await events()).toEqual(before)
  })

  test('an export makes the same records in an empty database', async () => {
    await apply(whole)
    const records = await exportRecords(deps.store)
    const second = await start()
    const first = deps
    try {
      const { store } = second
      const ring = createKeyRing({
        ...first,
        store: store.keys,
        times: { periodSeconds: 1000, announceSeconds: 10, leewaySeconds: 60 },
      })
      await ring.start()
      deps = { ...first, store, ring }
      await apply(records)
      expect(await exportRecords(store)).toEqual(records)
    } finally {
      await second.close()
    }
  })

  const changes: readonly {
    name: string
    change: (file: Whole) => unknown
    acts: readonly string[]
    version?: number
  }[] = [
    {
      name: 'one scope more of a resource and of its client',
      change: ({ resources: [first], clients: [shop] }) => {
        first?.scopes.push('delete')
        shop?.access?.[0]?.scopes?.push('delete')
      },
      acts: [`change resource ${api}: scopes`, 'change client shop: access'],
      version: 1,
    },
    {
      name: 'a scope that a resource and its client lose',
      change: ({ resources: [first], clients: [shop] }) => {
        if (first) first.scopes = ['write']
        if (shop?.access?.[0]) shop.access[0].scopes = []
      },
      acts: [`change resource ${api}: scopes`, 'change client shop: access (tokens die)'],
      version: 2,
    },
    {
      name: 'another lifetime',
      change: ({ resources: [first] }) => first && (first.tokenTtlSeconds = 60),
      acts: [`change resource ${api}: tokenTtlSeconds`],
    },
    {
      name: 'a second secret',
      change: ({ clients: [shop] }) => shop?.secrets?.push('env:NEXT'),
      acts: ['change client shop: secrets'],
      version: 1,
    },
    {
      name: 'a client that is disabled',
      change: ({ clients: [shop] }) => shop && Object.assign(shop, { enabled: false }),
      acts: ['change client shop: enabled (tokens die)'],
      version: 2,
    },
    {
      name: 'no role',
      change: ({ clients: [shop] }) => shop && delete (shop as { roles?: unknown }).roles,
      acts: ['change client shop: roles (tokens die)'],
      version: 2,
    },
    {
      name: 'keys of a file instead of a secret, and the resource of its managed keys',
      change: ({ clients: [shop] }) => {
        if (shop)
          Object.assign(shop, {
            authentication: 'private_key_jwt',
            jwks: 'file:keys.json',
            secrets: [],
          })
      },
      acts: ['change client shop: authentication jwks (tokens die)'],
      version: 2,
    },
  ]
  test.each(changes)(
    'a change of the file is made once: $name',
    async ({ change, acts, version = 1 }) => {
      await apply(whole)
      const file = edit(change)
      expect(await apply(file)).toEqual(acts)
      expect(await versionOf('shop')).toBe(version)
      expect(await apply(file)).toEqual([])
    },
  )

  test('a client that begins to authenticate gets the managed keys of a new resource', async () => {
    await apply({ clients: [{ id: 'api', authentication: 'none', grantTypes: ['refresh_token'] }] })
    const acts = await apply({
      resources: [{ ...whole.resources[1], clientId: 'api' }],
      clients: [{ id: 'api', grantTypes: ['refresh_token'], secrets: ['env:SHOP'] }],
    })
    expect(acts).toEqual([
      `add resource ${other}`,
      'change client api: authentication (tokens die)',
    ])
    expect(printed).toEqual({})
  })

  test('records outside of the file are named and stay; --prune removes them', async () => {
    await addResource({ audience: gone, scope: 'x' }, deps)
    const old = { id: 'old', authentication: 'client_secret', grantTypes: [], dpopRequired: false }
    await addClient({ ...old, access: [{ audience: gone }] }, deps)
    await apply({
      ...whole,
      resources: [...whole.resources, { audience: gone, scopes: ['x'], clientId: 'old' }],
    })
    const planned = await plan(whole)
    expect(planned).toMatchObject({
      changes: [],
      unlisted: { resources: [gone], clients: ['old'] },
    })
    expect(await apply(whole)).toEqual([])
    expect(await apply(whole, true)).toEqual([
      `remove resource ${gone}`,
      'remove client old (tokens die)',
    ])
    expect(await deps.store.resources.find(gone)).toBeUndefined()
    expect(await deps.store.clients.find('old')).toBeUndefined()
  })

  test('a section that the file omits is left alone, with --prune too', async () => {
    await apply(whole)
    expect(await apply({ resources: whole.resources }, true)).toEqual([])
    expect(await apply({ clients: whole.clients }, true)).toEqual([])
    expect(await apply({}, true)).toEqual([])
  })

  test('a disabled client stays disabled where the file does not say', async () => {
    await apply(whole)
    await deps.store.clients.disable('shop', context)
    expect(await apply(whole)).toEqual([])
    expect(await deps.store.clients.find('shop')).toMatchObject({ enabled: false })
  })

  test('a client is disabled before all other steps, and enabled after its own', async () => {
    await apply(whole)
    const stepsOf = async (enabled: boolean) => {
      const planned = await plan(
        edit(({ resources: [first], clients: [shop] }) => {
          if (first) first.tokenTtlSeconds = 301
          if (shop) Object.assign(shop, { enabled, roles: ['admin', 'owner'] })
        }),
      )
      return 'steps' in planned ? planned.steps.map((step) => step.do) : planned
    }
    expect(await stepsOf(false)).toEqual(['disable', 'setResource', 'setClient'])
    await deps.store.clients.disable('shop', context)
    expect(await stepsOf(true)).toEqual(['setResource', 'setClient', 'enable'])
  })

  test('a secret rotates: both work, then --prune drops the one that is not stated', async () => {
    await apply(whole)
    const both = edit(({ clients: [shop] }) => shop && (shop.secrets = ['env:NEXT', 'env:SHOP']))
    const last = edit(({ clients: [shop] }) => shop && (shop.secrets = ['env:NEXT']))
    expect(await apply(both)).toEqual(['change client shop: secrets'])
    expect(await apply(last)).toEqual([])
    expect(await apply(last, true)).toEqual(['change client shop: secrets (tokens die)'])
    expect((await deps.store.clients.find('shop'))?.secrets).toHaveLength(1)
    expect(await apply(last, true)).toEqual([])
  })

  const faults: readonly {
    name: string
    change: (file: Whole) => unknown
    says: string
    prune?: true
  }[] = [
    {
      name: 'an unknown member',
      change: ({ clients: [shop] }) => shop && Object.assign(shop, { scopes: [] }),
      says: 'clients[0]: Unrecognized key',
    },
    {
      name: 'a secret in the file',
      change: ({ clients: [shop] }) => shop && (shop.secrets = [secretOf('a')]),
      says: 'clients[0].secrets[0]: must be env:NAME or file:PATH',
    },
    {
      name: 'a variable that is not set',
      change: ({ clients: [shop] }) => shop && (shop.secrets = ['env:NONE']),
      says: 'clients[0] (shop): env:NONE is not set',
    },
    {
      name: 'a secret that was chosen',
      change: ({ clients: [shop] }) => shop && (shop.secrets = ['env:WEAK']),
      says: 'clients[0] (shop): env:WEAK holds no secret of this form',
    },
    {
      name: 'a scope that the resource does not have',
      change: ({ clients: [, , fresh] }) => fresh?.access?.[0]?.scopes?.push('fly'),
      says: `clients[2] (fresh): ${api} has no scope fly`,
    },
    {
      name: 'a resource that nothing has',
      change: ({ clients: [, , fresh] }) => fresh?.access?.push({ audience: gone, scopes: ['x'] }),
      says: `clients[2] (fresh): There is no resource ${gone}`,
    },
    {
      name: 'a client that nothing has',
      change: ({ resources: [first] }) => first && (first.clientId = 'nobody'),
      says: `resources[0] (${api}): There is no client nobody`,
    },
    {
      name: 'a name that is stated twice',
      change: ({ clients }) => clients.push({ id: 'shop' } as Whole['clients'][number]),
      says: 'clients[4]: shop is stated twice',
    },
    {
      name: 'a lifetime of a year',
      change: ({ resources: [first] }) => first && (first.tokenTtlSeconds = 31_536_000),
      says: `resources[0] (${api}): A token lives a whole number of seconds`,
    },
    {
      name: 'managed keys for a client without authentication',
      change: ({ resources: [, second] }) => second && (second.clientId = 'app'),
      says: `resources[1] (${other}): Managed keys are given to the client`,
    },
  ]
  test.each(faults)(
    'a file with a fault is refused before the first write: $name',
    async ({ change, says }) => {
      const before = await events()
      const acts = await apply(edit(change))
      expect(acts).toHaveLength(1)
      expect(acts[0]).toContain(says)
      expect(acts[0]).not.toContain('cs_a')
      expect(await events()).toEqual(before)
      expect(await deps.store.resources.list()).toEqual([])
    },
  )

  test('a scope that a client outside of the file has does not go, and nothing is written', async () => {
    await apply(whole)
    const before = await events()
    const { clients } = whole
    const file = {
      resources: [{ ...whole.resources[0], scopes: ['write'] }],
      clients: clients.slice(1),
    }
    expect(await apply(file)).toEqual([
      `resources (${api}): A scope that would go (read) is in use by shop.`,
    ])
    expect(await apply({ resources: [] }, true)).toContain(
      `resources: ${api} would go, and shop uses it.`,
    )
    expect(await apply({ clients: [] }, true)).toContain(
      `clients: shop would go, and it acts for ${api}.`,
    )
    expect(await events()).toEqual(before)
  })
})

test('a file that is no JSON, or names a member twice, is refused', () => {
  expect(readRecordFile('{')).toMatchObject({ ok: false })
  expect(readRecordFile('{"clients":[],"clients":[]}')).toMatchObject({ ok: false })
  expect(readRecordFile('[]')).toMatchObject({ ok: false })
})
