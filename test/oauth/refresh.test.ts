import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { count } from '../counts.ts'
import { databases } from '../store/databases.ts'
import { aClient, after, context } from '../store/records.ts'
import {
  type GrantsRig,
  otherClient,
  present,
  publicClient,
  said,
  startGrants,
} from './grants-fixture.ts'

const rounds = count({ short: 50, long: 500 })

describe.each(databases)('refresh families on $name', (kind) => {
  let rig: GrantsRig
  beforeEach(async () => {
    rig = await startGrants(kind)
  })
  afterEach(() => rig.close())

  const events = async (name: string) => {
    let found = 0
    for (let after = 0; ;) {
      const rows = await rig.database.store.audit.list(after, 1_000)
      found += rows.filter(({ event }) => event.event === name).length
      const last = rows.at(-1)
      if (last === undefined) return found
      after = last.id
    }
  }

  it('a refresh gives a successor and a token of the family for the request at hand', async () => {
    const first = await rig.open()
    const answer = await present(rig, first, {}, { scope: 'read' })
    expect(answer).toMatchObject({ ok: true, value: { tokenType: 'Bearer', scopes: ['read'] } })
    expect(said(answer)).not.toBe(first)
    const full = await present(rig, said(answer))
    expect(full).toMatchObject({ ok: true, value: { scopes: ['read', 'write'] } })
  })

  it(`50 parallel uses of one token name one successor and rotate once (E10), ${rounds} rounds`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const token = await rig.open()
      const answers = await Promise.all(Array.from({ length: 50 }, () => present(rig, token)))
      expect(answers.filter(({ ok }) => ok)).toHaveLength(50)
      expect(new Set(answers.map(said)).size).toBe(1)
    }
    expect(await events('refresh_rotated')).toBe(rounds)
  }, 600_000)

  it('a lost reply: the same token again names the same successor (E13)', async () => {
    const first = await rig.open()
    const second = said(await present(rig, first))
    expect(said(await present(rig, first))).toBe(second)
    await rig.setNow(750)
    expect(said(await present(rig, first))).toBe(second)
    const third = said(await present(rig, second))
    expect(third).toMatch(/^rt_/)
  })

  it('the same token after the window and after its successor was used ends the family (E09)', async () => {
    const first = await rig.open()
    const second = said(await present(rig, first))
    const third = said(await present(rig, second))
    await rig.setNow(31)
    expect(said(await present(rig, first))).toBe('refresh_token_replayed')
    expect(said(await present(rig, second))).toBe('family_ended')
    expect(said(await present(rig, third))).toBe('family_ended')
    expect(await events('refresh_replayed')).toBe(1)
    expect(await events('family_ended')).toBe(1)
    expect(await rig.database.store.revocations.page(0, 10)).toMatchObject([
      { target: { kind: 'sid' } },
    ])
  })

  it.each([
    ['a scope never granted', { scope: 'read admin' }, 'scope_not_allowed'],
    ['a malformed scope', { scope: 'read  write' }, 'scope_malformed'],
    ['a resource never granted', { resource: 'https://other.test' }, 'resource_not_allowed'],
  ] as const)(
    'the previous token with %s: refused inside its window, a theft alarm after it',
    async (_, fields, reason) => {
      const app = { client: publicClient }
      const first = await rig.open(app)
      const second = said(await present(rig, first, app))
      expect(said(await present(rig, first, app, fields))).toBe(reason)
      expect(said(await present(rig, first, app))).toBe(second)
      await rig.setNow(31)
      expect(said(await present(rig, first, app, fields))).toBe('refresh_token_replayed')
      expect(said(await present(rig, second, app))).toBe('family_ended')
      expect(await events('refresh_rotated')).toBe(1)
      expect(await events('refresh_replayed')).toBe(1)
    },
  )

  it('any older generation a month later ends the family', async () => {
    const lifetimes = { idleTtlSeconds: 40 * 86_400, absoluteTtlSeconds: 90 * 86_400 }
    const months = await startGrants(kind, lifetimes)
    const first = await months.open()
    let current = first
    for (let step = 0; step < 5; step += 1) current = said(await present(months, current))
    await months.setNow(30 * 86_400)
    expect(said(await present(months, first))).toBe('refresh_token_replayed')
    expect(said(await present(months, current))).toBe('family_ended')
    await months.close()
  })

  it('a public client without a key has only the window', async () => {
    const first = await rig.open({ client: publicClient })
    const second = said(await present(rig, first, { client: publicClient }))
    await rig.setNow(29)
    expect(said(await present(rig, first, { client: publicClient }))).toBe(second)
    await rig.setNow(31)
    expect(said(await present(rig, first, { client: publicClient }))).toBe('refresh_token_replayed')
    expect(said(await present(rig, second, { client: publicClient }))).toBe('family_ended')
  })

  it('a public client that proves its key may come again until the successor was used', async () => {
    const bound = { client: publicClient, jkt: 'key-one' }
    const first = await rig.open(bound)
    const second = said(await present(rig, first, bound))
    await rig.setNow(900)
    expect(said(await present(rig, first, bound))).toBe(second)
  })

  it('a proof by whatever key does not buy a longer window for an unbound family', async () => {
    const first = await rig.open({ client: publicClient })
    await present(rig, first, { client: publicClient })
    await rig.setNow(31)
    const thief = { client: publicClient, jkt: 'key-of-a-thief' }
    expect(said(await present(rig, first, thief))).toBe('refresh_token_replayed')
  })

  it.each([
    ['another client (E15)', { client: otherClient }, 'refresh_client_mismatch'],
    ['another key (E15)', { client: publicClient, jkt: 'key-two' }, 'refresh_binding_mismatch'],
    ['no key (E15)', { client: publicClient }, 'refresh_binding_mismatch'],
  ] as const)('%s gets nothing, and the token stays usable', async (_, over, reason) => {
    const bound = { client: publicClient, jkt: 'key-one' }
    const token = await rig.open(bound)
    expect(said(await present(rig, token, over))).toBe(reason)
    expect(said(await present(rig, token, bound))).toMatch(/^rt_/)
  })

  it.each([
    [
      'a token that was never issued',
      (token: string) => `${token.slice(0, -4)}AAAA`,
      'refresh_token_unknown',
    ],
    ['an access token', () => 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA', 'refresh_token_unknown'],
  ])('%s is unknown and harms nobody', async (_, forge, reason) => {
    const token = await rig.open()
    expect(said(await present(rig, forge(token)))).toBe(reason)
    expect(said(await present(rig, token))).toMatch(/^rt_/)
  })

  it.each([
    ['a scope never granted (D20)', { scope: 'read admin' }, 'scope_not_allowed'],
    ['a malformed scope', { scope: 'read  write' }, 'scope_malformed'],
    ['a resource never granted (D20)', { resource: 'https://other.test' }, 'resource_not_allowed'],
  ] as const)('%s is refused and consumes nothing', async (_, fields, reason) => {
    const token = await rig.open()
    expect(said(await present(rig, token, {}, fields))).toBe(reason)
    expect(said(await present(rig, token))).toMatch(/^rt_/)
    expect(await events('refresh_rotated')).toBe(1)
  })

  it('ends when it was idle too long, and at the absolute limit however often it was used (E17)', async () => {
    const idle = await rig.open()
    let busy = await rig.open()
    for (let at = 500; at < 5_000; at += 500) {
      await rig.setNow(at)
      busy = said(await present(rig, busy))
    }
    expect(said(await present(rig, idle))).toBe('family_expired')
    await rig.setNow(5_000)
    expect(said(await present(rig, busy))).toBe('family_expired')
  })

  it('once expired, a family stays dead when the clock is set back', async () => {
    const token = await rig.open()
    await rig.setNow(5_000)
    expect(said(await present(rig, token))).toBe('family_expired')
    await rig.setNow(0)
    expect(said(await present(rig, token))).toBe('family_ended')
  })

  it('the clock of the database judges the life of a family, not the clock of this process', async () => {
    const token = await rig.open()
    const ahead = await present(rig, token, { now: after(86_400 * 365) })
    expect(said(ahead)).toMatch(/^rt_/)
  })

  it('a disabled client ends its families at once (E16)', async () => {
    const token = await rig.open()
    await rig.database.store.clients.disable(aClient.id, context)
    expect(said(await present(rig, token))).toBe('family_ended')
  })

  it('a client changed between the decision and the commit is read again', async () => {
    const token = await rig.open()
    await rig.database.store.clients.change(aClient.id, { dpopRequired: true }, true, context)
    expect(said(await present(rig, token))).toBe('client_changed')
    const anew = await rig.database.store.clients.find(aClient.id)
    expect(said(await present(rig, token, { client: anew ?? aClient }))).toBe('proof_missing')
  })

  it('gives only what the client still has', async () => {
    const token = await rig.open()
    const less = { ...aClient, access: [{ audience: 'https://api.test', scopes: ['read'] }] }
    expect(await present(rig, token, { client: less })).toMatchObject({
      value: { scopes: ['read'] },
    })
    const none = { ...aClient, access: [] }
    expect(said(await present(rig, token, { client: none }))).toBe('resource_not_allowed')
  })

  it('a single-use id that was spent before rotates nothing', async () => {
    const token = await rig.open()
    const spend = [{ space: 'dpop', owner: 'key', id: 'x', until: after(900) }] as const
    await rig.database.store.spent.spend(spend)
    expect(said(await present(rig, token, { spend }))).toBe('proof_replayed')
    expect(said(await present(rig, token))).toMatch(/^rt_/)
  })

  it('a signer that fails before the commit consumes nothing', async () => {
    const token = await rig.open()
    const { mint } = rig.deps
    Object.assign(rig.deps, {
      mint: () => {
        throw new Error('the signer is broken')
      },
    })
    await expect(present(rig, token)).rejects.toThrow('broken')
    Object.assign(rig.deps, { mint })
    expect(said(await present(rig, token))).toMatch(/^rt_/)
    expect(await events('refresh_rotated')).toBe(1)
  })

  it('the database never holds a refresh token', async () => {
    const first = await rig.open()
    const second = said(await present(rig, first))
    const family = await rig.database.store.refreshTokens.find(
      rig.deps.refreshTokens.read(second)?.sid ?? '',
    )
    const row = Buffer.from(JSON.stringify(family))
    expect(row.includes(second.slice(3, 40))).toBe(false)
    expect(
      family?.successorSeal && Buffer.from(family.successorSeal).includes(second.slice(30, 60)),
    ).toBe(false)
  })
})
