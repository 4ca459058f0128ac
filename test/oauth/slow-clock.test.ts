import type { EpochSeconds } from '@countersign/jwt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aClient, context } from '../store/records.ts'
import { basic, startService, type Service } from './service.ts'

let service: Service
let shop: Record<string, string>

beforeAll(async () => {
  service = await startService()
  shop = basic(aClient.id, await service.addClient())
})
afterAll(() => service.close())

const ask = () => service.post('/oauth2/token', { grant_type: 'client_credentials' }, shop)

/** The issuer is revoked up to a moment, by the clock of the revoking process. */
async function revokeTokens(secondsAhead: number): Promise<void> {
  const issuedUpTo = (service.now() + secondsAhead) as EpochSeconds
  await service.store.revocations.add({ kind: 'issuer', issuedUpTo }, undefined, context)
}

it('a token is issued a moment later after the revocation of the issuer', async () => {
  await revokeTokens(0)
  expect((await ask()).status).toBe(200)
})

it('a token made while all is revoked for nodes with fast clocks is issued at the next one, within the leeway', async () => {
  await revokeTokens(9)
  const given = await ask()
  expect(given.status).toBe(200)
  const { access_token: token } = given.body as { access_token: string }
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  expect(claims.iat - Math.floor(service.now())).toBe(10)
  await service.pass(11)
})

it('a node whose clock is behind that moment says when to come again, and is not kept from it for ever', async () => {
  expect((await ask()).status).toBe(200)
  await revokeTokens(14)
  const refused = await ask()
  expect(refused).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } })
  expect(refused.headers.get('retry-after')).toBe('1')
  await service.pass(16)
  expect((await ask()).status).toBe(200)
})
