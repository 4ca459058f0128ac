import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EpochSeconds } from '@countersign/jwt'
import { openStore } from '../../packages/server/src/store/open-store.ts'
import type { Store } from '../../packages/server/src/store/port/store.ts'
import type { NameKey, UserId } from '../../packages/server/src/store/port/user-records.ts'
import { randomId } from '../store/ids.ts'
import { sha } from '../store/people.ts'
import { context, hashOf, planOf } from '../store/records.ts'
import { startBase, type Base } from './old-database.ts'

const ann = 'ann-id' as UserId
const key = { purpose: 'second_factor', hash: sha('ticket'), browserHash: sha('browser') } as const

/** The rows that the program of schema 7 wrote for a user, a session and a ticket. */
function rowsAt(now: number, bytes: (hex: string) => string): readonly string[] {
  const handle = bytes('07'.repeat(32))
  return [
    `insert into clients (id, internal_id, version, enabled, authentication, secrets, grant_types, access, dpop_required, created_at)
      values ('shop', 'internal', 1, 1, 'none', '[]', '[]', '[]', 0, ${now})`,
    `insert into users (id, status, version, handle, profile, profile_at, created_at)
      values ('${ann}', 'active', 3, ${handle}, '{"nickname":"Annie"}', ${now}, ${now})`,
    `insert into user_names (key, user_id, kind, shown, added_at) values ('ann', '${ann}', 'username', 'Ann', ${now})`,
    `insert into families (sid, client_id, client_version, subject, username, access, generation, current_hash, rotated_at,
        opened_at, idle_expires_at, expires_at, user_id, user_version)
      values ('s-1', 'shop', 1, '${ann}', 'Ann', '[]', 1, '${hashOf('s-1', 1)}', ${now}, ${now}, ${now + 1_000},
        ${now + 5_000}, '${ann}', 3)`,
    `insert into sessions (sid, user_id, browser_hash, auth_time, amr, acr, persistent, agent, network, last_seen)
      values ('s-1', '${ann}', '${sha('browser')}', ${now}, '["pwd"]', '1', 1, 'Firefox', '192.0.2.1', ${now})`,
    `insert into tickets (hash, purpose, user_id, browser_hash, payload, attempts_left, expires_at)
      values ('${key.hash}', '${key.purpose}', '${ann}', '${key.browserHash}', '{"a":1}', 5, ${now + 600})`,
  ]
}

describe.each(['sqlite', 'postgres'] as const)('sessions of schema 7 on %s', (kind) => {
  const now = Math.floor(Date.now() / 1000)
  let base: Base
  let store: Store
  beforeAll(async () => {
    base = await startBase(kind)
    await base.migrate(7)
    await base.fill(() => rowsAt(now, base.bytes))
    const clock = () => (Date.now() / 1000) as EpochSeconds
    store = await openStore(base.address, { now: clock, randomId, migrate: true })
  }, 60_000)
  afterAll(async () => {
    await store?.close()
    await base?.drop()
  })

  it('are found, with the user and the level that was proved', async () => {
    expect(await store.sessions.find('s-1')).toMatchObject({
      userId: ann,
      browserHash: sha('browser'),
      authTime: now,
      acr: '1',
      amr: ['pwd'],
      isPersistent: true,
      family: { generation: 1, user: { id: ann, version: 3 } },
    })
    expect((await store.users.findByName('ann' as NameKey))?.user).toMatchObject({
      id: ann,
      version: 3,
      profile: { nickname: 'Annie' },
    })
  })

  it('rotate their secret', async () => {
    expect(await store.refreshTokens.rotate(planOf(1, { sid: 's-1' }))).toMatchObject({
      outcome: 'rotated',
    })
  })

  it('have tickets that are spent once', async () => {
    expect(await store.tickets.redeem(key)).toMatchObject({ userId: ann, payload: '{"a":1}' })
    expect(await store.tickets.redeem(key)).toBeUndefined()
  })

  it('end, and their tokens are revoked', async () => {
    expect(await store.sessions.end('s-1', ann, 'signed_out', context)).toBe('ended')
    expect(await store.sessions.find('s-1')).toBeUndefined()
    expect((await store.revocations.page(0, 10)).map(({ target }) => target)).toContainEqual({
      kind: 'sid',
      sid: 's-1',
    })
  })
})
