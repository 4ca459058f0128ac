import { afterAll, beforeAll, expect, it } from 'vitest'
import { main } from '../../packages/server/src/cli/main.ts'
import { authorize, exchange, openWorld, postToken, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.place.addUser('ann')
})
afterAll(() => world.close())

async function type(...argv: readonly string[]) {
  let printed = ''
  let said = ''
  const streams = {
    stdout: { write: (text: string) => (printed += text) },
    stderr: { write: (text: string) => (said += text) },
  }
  const environment = {
    DATABASE_URL: world.place.databaseUrl,
    COUNTERSIGN_KEY_ENCRYPTION_KEY: Buffer.from(world.place.sealingKey).toString('base64url'),
    COUNTERSIGN_ISSUER: world.node.issuer,
  }
  const code = await main([...argv, '--json'], environment, streams)
  return { code, found: printed === '' ? undefined : JSON.parse(printed), said }
}

it('consents list shows the apps of a user, and consents revoke ends their access', async () => {
  const code = (await authorize(world.fresh())).get('code') ?? ''
  const { status, body } = await exchange(world, world.ordersApp, code)
  expect(status).toBe(200)
  const app = {
    clientId: 'desk',
    name: 'Orders Desk',
    scopes: ['openid', 'profile', 'offline_access'],
    since: expect.any(Number),
  }
  expect(await type('consents', 'list', 'ANN')).toMatchObject({ code: 0, found: [app] })
  const revoked = await type('consents', 'revoke', 'ann', 'desk')
  expect(revoked).toMatchObject({ code: 0, found: { revoked: ['desk'] } })
  const refresh = {
    grant_type: 'refresh_token',
    refresh_token: String(body['refresh_token']),
  }
  expect(await postToken(world.node, world.ordersApp, refresh)).toMatchObject({
    body: { error: 'invalid_grant' },
  })
  const headers = { authorization: `Bearer ${String(body['access_token'])}` }
  const userinfo = () => fetch(`${world.node.origin}/oauth2/userinfo`, { headers })
  await expect.poll(async () => (await userinfo()).status, { timeout: 2_000 }).toBe(401)
  expect((await type('consents', 'list', 'ann')).found).toEqual([])
  expect(await type('consents', 'revoke', 'ann')).toMatchObject({ found: { revoked: [] } })
})

it.each([
  ['an unknown user', ['consents', 'list', 'nobody'], 'There is no user nobody'],
  ['an app without access', ['consents', 'revoke', 'ann', 'desk'], 'has no access'],
])('refuses %s', async (_, argv, says) => {
  const { code, said } = await type(...argv)
  expect(code).toBe(1)
  expect(said).toContain(says)
})
