import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createLiveIndex } from '@countersign/guard/revocations'
import { generateKey, publicKeyOf, signJws, verifyJws, type EpochSeconds } from '@countersign/jwt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readStatus } from '../../packages/server/src/revocation/status-list.ts'
import { createStatusLists } from '../../packages/server/src/revocation/status-lists.ts'
import type { StatusClaim } from '../../packages/server/src/tokens/plan.ts'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import { randomId } from '../store/ids.ts'

const issuer = 'https://issuer.example'
const key = generateKey('ES256')
const start = 1_800_000_000
const owner = { audience: 'api', sid: null, cid: 'c1', cv: 1 }
const until = (start + 600) as EpochSeconds

let folder: string
let store: Store
let index = createLiveIndex()
let now = start

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-status-'))
  store = await openStore(join(folder, 'db'), { now: () => now as EpochSeconds, randomId })
  index = createLiveIndex()
  now = start
})

afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

function aService(
  sign = signWith,
  over: { readonly issuer?: string; readonly statusLists?: Store['statusLists'] } = {},
) {
  return createStatusLists({
    store: { statusLists: over.statusLists ?? store.statusLists },
    index,
    issuer: over.issuer ?? issuer,
    now: () => now as EpochSeconds,
    randomId,
    randomBelow: (bound) => randomInt(bound),
    sign,
  })
}

async function signWith(claims: object, typ: string): Promise<string> {
  return signJws(JSON.stringify(claims), key, { typ })
}

/** The status of a token, as a foreign verifier reads it. */
async function statusOf(
  lists: ReturnType<typeof aService>,
  { status_list }: StatusClaim,
): Promise<number> {
  const list = await lists.render(status_list.uri.slice(`${issuer}/status-lists/`.length))
  if (list === undefined) throw new Error('no such list')
  const verified = verifyJws(list.token, {
    keys: publicKeyOf(key),
    algorithms: ['ES256'],
    typ: 'statuslist+jwt',
  })
  if (!verified.ok) throw new Error(verified.refusal.reason)
  const claims = JSON.parse(Buffer.from(verified.value.payload).toString())
  expect(claims).toMatchObject({ iss: issuer, sub: status_list.uri, iat: now, ttl: 60 })
  const status = readStatus(claims.status_list, status_list.idx)
  if (!status.ok) throw new Error(status.refusal.reason)
  return status.value
}

describe('a token in a status list', () => {
  it('is valid, until its client has a higher version', async () => {
    const lists = aService()
    const [one, other] = [
      await lists.refer(owner, until),
      await lists.refer({ ...owner, cid: 'c2' }, until),
    ]
    expect(await statusOf(lists, one)).toBe(0)
    index.apply([[1, 'client', 'c1', start + 600, 2]])
    expect(await statusOf(lists, one)).toBe(1)
    expect(await statusOf(lists, other)).toBe(0)
    const anew = await lists.refer({ ...owner, cv: 2 }, until)
    expect(anew).not.toEqual(one)
    expect(await statusOf(lists, anew)).toBe(0)
  })

  it('has a new place after the database lost the old one, and dies there', async () => {
    const lists = aService()
    const lost = await lists.refer(owner, until)
    const database = new DatabaseSync(join(folder, 'db'), { timeout: 2000 })
    database.exec('delete from status_entries; delete from status_lists')
    database.close()
    lists.forgetAll()
    const claim = await lists.refer(owner, until)
    expect(claim).not.toEqual(lost)
    expect(await statusOf(lists, claim)).toBe(0)
    index.apply([[1, 'client', 'c1', start + 600, 2]])
    expect(await statusOf(lists, claim)).toBe(1)
  })

  it('dies with its family', async () => {
    const lists = aService()
    const claim = await lists.refer({ ...owner, sid: 's1' }, until)
    index.apply([[1, 'sid', 's1', start + 600]])
    expect(await statusOf(lists, claim)).toBe(1)
  })

  it.each([
    ['user', 'bob', undefined, 0],
    ['user', 'alice', undefined, 1],
    ['user', 'alice', 1, 1],
    ['user', 'alice', 2, 0],
    ['claims_stale', 'alice', 1, 1],
  ] as const)(
    'after an entry %s of alice, the status of %s with version %s is %i',
    async (...row) => {
      const [kind, subject, uv, status] = row
      const lists = aService()
      const claim = await lists.refer({ ...owner, subject, uv }, until)
      index.apply([[1, kind, 'alice', start + 600, 2]])
      expect(await statusOf(lists, claim)).toBe(status)
    },
  )

  it('that was exchanged dies with each client that acted for it, on every node', async () => {
    const actors = [
      { cid: 'orders', cv: 3 },
      { cid: 'web', cv: 1 },
    ]
    const claim = await aService().refer({ ...owner, actors }, until)
    expect(claim).not.toEqual(await aService().refer(owner, until))
    const elsewhere = aService()
    expect(await statusOf(elsewhere, claim)).toBe(0)
    index.apply([[1, 'client', 'web', start + 600, 2]])
    expect(await statusOf(elsewhere, claim)).toBe(1)
  })

  it('dies with all of its issuer, and tokens after that have another place', async () => {
    const lists = aService()
    const claim = await lists.refer(owner, until)
    index.apply([[1, 'issuer', '', start + 600, start]])
    expect(await statusOf(lists, claim)).toBe(1)
    expect(await statusOf(lists, await lists.refer(owner, until))).toBe(0)
  })

  it('has one place for all tokens of its owner, on every node, without a write for each', async () => {
    const [one, two] = [aService(), aService()]
    const claim = await one.refer(owner, until)
    expect(one.refer(owner, until)).toBe(claim)
    expect(await two.refer(owner, until)).toEqual(claim)
  })

  it('is in a list that is signed again after its ttl', async () => {
    const lists = aService()
    const claim = await lists.refer(owner, until)
    const name = claim.status_list.uri.slice(`${issuer}/status-lists/`.length)
    const first = await lists.render(name)
    expect(await lists.render(name)).toEqual(first)
    now += 60
    expect((await lists.render(name))?.token).not.toBe(first?.token)
  })
})

it('a list that could not be signed once is signed when asked for again', async () => {
  let faults = 1
  const lists = aService(async (claims, typ) => {
    if (faults-- > 0) throw new Error('no key signs')
    return signWith(claims, typ)
  })
  const claim = await lists.refer(owner, until)
  await expect(statusOf(lists, claim)).rejects.toThrow('no key signs')
  expect(await statusOf(lists, claim)).toBe(0)
})

it('the address of a list is one of ours, also where the issuer ends with a slash', async () => {
  const { status_list } = await aService(signWith, { issuer: `${issuer}/` }).refer(owner, until)
  expect(status_list.uri).toMatch(/^https:\/\/issuer\.example\/status-lists\/[^/]+$/)
})

describe('a list of thirty thousand places', () => {
  /** A service with one list, and how often that was read. */
  function stage() {
    const places = Array.from({ length: 30_000 }, (_, position) => ({ ...owner, position }))
    const entries = places.map((place) => ({ ...place, cid: 'c1', issuedAfter: -1 }))
    const world = { reads: 0 }
    const statusLists: Store['statusLists'] = {
      ...store.statusLists,
      entries: async () => {
        world.reads += 1
        return { audience: 'api', entries }
      },
    }
    const lists = aService(signWith, { statusLists })
    const claim = { status_list: { idx: 7, uri: `${issuer}/status-lists/l` } }
    return { world, lists, status: () => statusOf(lists, claim) }
  }

  it('is read once for all who ask at a time', async () => {
    const { world, lists } = stage()
    await Promise.all(Array.from({ length: 100 }, () => lists.render('l')))
    expect(world.reads).toBe(1)
  })

  it('is read again after a revocation, and then rests for a while', async () => {
    const { world, status } = stage()
    expect(await status()).toBe(0)
    index.apply([[1, 'client', 'c1', start + 600, 2]])
    expect(await status()).toBe(0)
    expect(world.reads).toBe(1)
    now += 3
    expect(await status()).toBe(1)
    expect(world.reads).toBe(2)
  })

  it('rests no longer where the clock was set back', async () => {
    const { status } = stage()
    await status()
    index.apply([[1, 'client', 'c1', start + 600, 2]])
    now -= 3600
    expect(await status()).toBe(1)
  })
})

it('a list that never was is not rendered', async () => {
  expect(await aService().render('nowhere')).toBeUndefined()
})
