import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OperatorDeps } from '../../packages/server/src/admin/operator.ts'
import { setClient, type ClientUpdate } from '../../packages/server/src/admin/set-client.ts'
import { createKeyRing } from '../../packages/server/src/keys/ring.ts'
import { createSeals } from '../../packages/server/src/keys/seal.ts'
import { databases, randomId } from '../store/databases.ts'
import { context } from '../store/records.ts'
import { api, basic, type Service, startService } from './service.ts'

describe.each(databases)('tokens of a client that an operator changes, on $name', (kind) => {
  let service: Service
  let reader: Record<string, string>
  let deps: OperatorDeps
  beforeAll(async () => {
    service = await startService({ kind })
    const { store, now } = service
    reader = basic('reader', await service.addClient({ id: 'reader', access: [] }))
    const resource = await store.resources.find(api)
    if (resource === undefined) throw new Error('the resource is gone')
    await store.resources.change({ ...resource, clientId: 'reader' }, context)
    const seals = createSeals(randomBytes(32), randomBytes)
    const times = { periodSeconds: 1_000, announceSeconds: 10, leewaySeconds: 60 }
    // The changes of this test need no key, so the ring is never started.
    const ring = createKeyRing({ store: store.keys, seals, times, now, randomId, randomBytes })
    deps = { store, ring, seals, now, randomBytes, randomId, audit: context }
  })
  afterAll(() => service.close())

  const rows: readonly {
    readonly name: string
    readonly update: ClientUpdate
    readonly token: 'live' | 'dead'
    readonly refreshed: string
  }[] = [
    {
      name: 'a role more',
      update: { roles: ['admin', 'editor'] },
      token: 'live',
      refreshed: 'read write',
    },
    { name: 'a role less', update: { roles: [] }, token: 'dead', refreshed: 'read write' },
    {
      name: 'a scope less',
      update: { addAccess: [{ audience: api, scope: 'read' }] },
      token: 'dead',
      refreshed: 'read',
    },
    {
      name: 'no resource',
      update: { access: [] },
      token: 'dead',
      refreshed: 'invalid_target',
    },
    {
      name: 'no refresh tokens',
      update: { grantTypes: ['client_credentials'] },
      token: 'dead',
      refreshed: 'unauthorized_client',
    },
  ]
  it.each(rows)('$name: $token, and the refresh token gives $refreshed', async (row) => {
    const id = `client ${row.name}`.replaceAll(' ', '-')
    const headers = basic(id, await service.addClient({ id, roles: ['admin'] }))
    const ask = (fields: Record<string, string>) => service.post('/oauth2/token', fields, headers)
    const first = await ask({ grant_type: 'client_credentials' })
    const token = String(first.body['access_token'])
    const refresh_token = await service.login(id)
    const isActive = async () =>
      (await service.post('/oauth2/introspect', { token }, reader)).body['active']
    expect(await isActive()).toBe(true)
    expect((await setClient(id, row.update, deps)).ok).toBe(true)
    await expect.poll(isActive).toBe(row.token === 'live')
    const refresh = async () => {
      const { body } = await ask({ grant_type: 'refresh_token', refresh_token })
      return body['scope'] ?? body['error']
    }
    await expect.poll(refresh).toBe(row.refreshed)
  })

  it('the grant of refresh tokens that comes back does not bring the old ones back', async () => {
    const headers = basic('again', await service.addClient({ id: 'again' }))
    const refresh_token = await service.login('again')
    const grantTypes = ['client_credentials', 'refresh_token']
    await setClient('again', { grantTypes: ['client_credentials'] }, deps)
    await setClient('again', { grantTypes }, deps)
    const fields = { grant_type: 'refresh_token', refresh_token }
    const ask = async () => (await service.post('/oauth2/token', fields, headers)).body['error']
    await expect.poll(ask).toBe('invalid_grant')
  })
})
